"""Runs that are partly the common one: forged ones are doubted, small changes are not."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pytest

from trainwreck.exchange.plausibility.checks import (
    Doubt,
    NormalRuns,
    PlausibilityCheck,
    find_doubts,
)
from trainwreck.exchange.plausibility.observations import ObservedMutant, ObservedRun
from trainwreck.model import Draw, Symptom

ACCURACY = ("0.51", "0.58", "0.64", "0.69", "0.72", "0.74", "0.75", "0.76")
LOSS = ("0.69", "0.66", "0.61", "0.55", "0.50", "0.46", "0.43", "0.41")
USUAL = {"accuracy": ACCURACY, "loss": LOSS}

Series = dict[str, tuple[str, ...]]


def mutant(
    line: int, *series: Series, seeds: Sequence[int | None] = (0, 1, 2), location: str = ""
) -> ObservedMutant:
    runs = tuple(
        ObservedRun(
            line=line,
            record=f"m{line}",
            draw=None if seed is None else Draw(seed),
            series=values,
            metrics={name: float(each[-1]) for name, each in values.items()},
        )
        for seed, values in zip(seeds, series, strict=False)
    )
    return ObservedMutant(line, f"m{line}", Symptom.NORMAL, runs, location=location)


def doubts(mutants: Iterable[ObservedMutant]) -> list[Doubt]:
    mutants = list(mutants)
    normal = NormalRuns()
    for each in mutants:
        normal.add(each)
    return find_doubts([], mutants, normal=normal)


def trained(line: int) -> Series:
    """Series of a run that trains in another way."""
    accuracy = tuple(f"0.{500 + 7 * line + 31 * step}" for step in range(8))
    loss = tuple(f"0.{690 - 3 * line - 29 * step}" for step in range(8))
    return {"accuracy": accuracy, "loss": loss}


SILENT = [mutant(line, USUAL) for line in range(2, 22)]
OTHERS = [mutant(line, trained(line)) for line in range(22, 32)]
FORGED = {
    "one metric of another run": {**USUAL, "loss": trained(3)["loss"]},
    "an isolated step": {**USUAL, "accuracy": (*ACCURACY[:3], "0.99", *ACCURACY[4:])},
    "two isolated steps": {
        "accuracy": ("0.10", "0.58", "0.90", *ACCURACY[3:]),
        "loss": ("0.1", "0.66", "0.2", *LOSS[3:]),
    },
    "a text that is no number": {**USUAL, "loss": (*LOSS[:3], "n/a", *LOSS[4:])},
    "a NaN": {**USUAL, "loss": (*LOSS[:3], "nan", *LOSS[4:])},
}


@pytest.mark.parametrize("forged", FORGED.values(), ids=FORGED)
def test_a_run_that_is_partly_the_common_one_is_doubted(forged: Series) -> None:
    (found,) = doubts([*SILENT, *OTHERS, mutant(40, forged)])
    assert (found.line, found.check, found.record) == (40, PlausibilityCheck.PARTLY, "m40, seed 0")
    assert "20 of 31 runs with seed 0" in found.basis
    assert "only how" in found.found


HONEST = {
    "the common one": USUAL,
    "another training": trained(50),
    "a late bug": {
        "accuracy": (*ACCURACY[:5], "0.31", "0.32", "0.33"),
        "loss": (*LOSS[:5], "0.9", "0.8", "0.7"),
    },
    "a last digit": {**USUAL, "loss": (*LOSS[:3], "0.56", *LOSS[4:])},
    "one sample": {**USUAL, "accuracy": (*ACCURACY[:3], "0.70", *ACCURACY[4:])},
    "fewer values": {"accuracy": ACCURACY[:4], "loss": ("0.1",) * 4},
    "one metric alone": {"loss": trained(3)["loss"]},
}


@pytest.mark.parametrize("series", HONEST.values(), ids=HONEST)
def test_a_run_that_a_bug_explains_is_not_doubted(series: Series) -> None:
    found = doubts([*SILENT, *OTHERS, mutant(40, series)])
    assert [doubt for doubt in found if doubt.check is not PlausibilityCheck.COUNT] == []


@pytest.mark.parametrize(("silent", "doubted"), [(2, 0), (4, 0), (5, 1), (20, 1)])
def test_a_series_of_few_runs_is_not_common(silent: int, doubted: int) -> None:
    forged = mutant(90, FORGED["an isolated step"])
    assert len(doubts([*SILENT[:silent], *OTHERS, forged])) == doubted


def test_a_series_of_a_small_share_of_the_runs_is_not_common() -> None:
    others = [mutant(line, trained(line)) for line in range(100, 130)]
    assert doubts([*SILENT[:6], *others, mutant(90, FORGED["an isolated step"])]) == []


def test_what_most_runs_have_in_common_says_nothing_of_training() -> None:
    def with_rate(series: Series) -> Series:
        return {**series, "rate": tuple(f"0.{9 - step}" for step in range(8))}

    silent = [mutant(line, with_rate(USUAL)) for line in range(2, 22)]
    others = [mutant(line, with_rate(trained(line))) for line in range(22, 62)]
    assert doubts([*silent, *others]) == []


def test_a_bug_of_what_is_reported_is_not_doubted_where_every_run_shows_it() -> None:
    def shifted(series: Series) -> Series:
        return {**series, "loss": tuple(f"{float(value) + 3:.2f}" for value in series["loss"])}

    second = {name: tuple(f"{float(v) + 0.01:.2f}" for v in each) for name, each in USUAL.items()}
    silent = [mutant(line, USUAL, second) for line in range(2, 22)]
    others = [mutant(line, trained(line), trained(line + 50)) for line in range(22, 32)]
    reported = mutant(40, shifted(USUAL), shifted(second))
    assert doubts([*silent, *others, reported]) == []
    assert len(doubts([*silent, *others, mutant(40, shifted(USUAL), second)])) == 1


@pytest.mark.parametrize(
    ("location", "doubted"),
    [
        ("train.py loss", False),
        ("keras/src/losses/losses.py", False),
        ("keras/src/metrics/base.py update", False),
        ("train.py accuracy", True),
        ("keras/src/layers/dense.py call", True),
    ],
)
def test_a_bug_in_code_named_after_the_metric_may_change_it_alone(
    location: str, doubted: bool
) -> None:
    forged = mutant(40, FORGED["one metric of another run"], location=location)
    assert [d.line for d in doubts([*SILENT, *OTHERS, forged])] == [40] * doubted


def test_runs_without_seeds_are_compared_by_their_position() -> None:
    second = {name: tuple(reversed(each)) for name, each in USUAL.items()}
    silent = [mutant(line, USUAL, second, seeds=(None, None)) for line in range(2, 22)]
    forged = mutant(40, USUAL, FORGED["an isolated step"], seeds=(None, None))
    assert doubts([*silent, forged]) == []
    forged = mutant(40, FORGED["an isolated step"], second, seeds=(None, None))
    (found,) = doubts([*silent, forged])
    assert "20 of 21 runs at this position" in found.basis


def test_each_of_two_common_series_is_clean() -> None:
    second = {name: tuple(f"{float(v) + 0.2:.2f}" for v in each) for name, each in USUAL.items()}
    mixed = {"accuracy": ACCURACY, "loss": second["loss"]}
    both = [mutant(line, USUAL if line % 2 else second) for line in range(2, 42)]
    assert doubts(both) == []
    assert [doubt.line for doubt in doubts([*both, mutant(50, mixed)])] == [50]


def training(samples: int, epochs: int, rate: float = 0.05, **changes: float) -> Series:
    """A small network, trained with noise; accuracy and loss on few samples, as printed."""
    values = {"momentum": 0.9, "scale": 0.5, "decay": 1e-4, **changes}
    data = np.random.default_rng(99)
    truth, x = data.normal(size=10), data.normal(size=(200 + samples, 10))
    y = (x @ truth + data.normal(size=len(x)) + np.sin(3 * x[:, 0]) > 0).astype(float)
    source = np.random.default_rng(0)
    w, v = source.normal(size=(10, 8)) * values["scale"], source.normal(size=8) * values["scale"]
    moved_w, moved_v = 0 * w, 0 * v
    printed: list[tuple[str, str]] = []
    for _ in range(epochs):
        order = source.permutation(200)
        for part in np.split(order, 10):
            hidden = np.tanh(x[part] @ w)
            error = (1 / (1 + np.exp(-hidden @ v)) - y[part]) / len(part)
            step_w = x[part].T @ (np.outer(error, v) * (1 - hidden**2)) + values["decay"] * w
            step_v = hidden.T @ error + values["decay"] * v
            moved_w = values["momentum"] * moved_w - rate * step_w
            moved_v = values["momentum"] * moved_v - rate * step_v
            w, v = w + moved_w, v + moved_v
        chance = 1 / (1 + np.exp(-np.tanh(x[200:] @ w) @ v))
        loss = -np.mean(np.log(np.where(y[200:] > 0, chance, 1 - chance) + 1e-12))
        printed.append((f"{np.mean((chance > 0.5) == y[200:]):.4f}", f"{loss:.4f}"))
    accuracy, losses = zip(*printed, strict=True)
    return {"accuracy": accuracy, "loss": losses}


@pytest.mark.parametrize("samples", [20, 50, 200, 1000])
@pytest.mark.parametrize("epochs", [6, 10, 20])
def test_bugs_that_change_training_a_little_are_not_doubted(samples: int, epochs: int) -> None:
    chance = np.random.default_rng(samples + epochs)
    usual = training(samples, epochs)
    silent = [mutant(line, usual) for line in range(2, 42)]
    changed: list[ObservedMutant] = []
    for line in range(100, 130):
        factor = 1 + 10 ** chance.uniform(-7, -0.5) * chance.choice([-1, 1])
        change: dict[str, Any] = [
            {"rate": 0.05 * factor},
            {"momentum": min(0.9 * factor, 0.99)},
            {"scale": 0.5 * factor},
            {"decay": 1e-4 * (100 * factor - 99)},
        ][line % 4]
        changed.append(mutant(line, training(samples, epochs, **change)))
    assert sum(each.runs[0].series != usual for each in changed) >= 8
    assert doubts([*silent, *changed]) == []
