"""Libraries and phases that init proposes: campaign/init/targets.py and phases.py."""

from pathlib import Path

import pytest

from trainwreck.campaign.init.phases import find_phases, places_of
from trainwreck.campaign.init.targets import choose_targets


def covered(**files: int) -> dict[str, dict[tuple[str, str], list[int]]]:
    """Return executed lines in training: numbers by dotted module, ``_`` for a point."""
    lines = {
        ("", f"/env/lib/python3.11/site-packages/{name.replace('__', '/')}.py"): list(range(number))
        for name, number in files.items()
    }
    outside = {("", "/usr/lib/python3.11/random.py"): list(range(5_000)), ("app", "a.py"): [1] * 99}
    return {"training": lines | outside, "import": {("", "/x/site-packages/late.py"): [1] * 9_999}}


def names(executed: dict[str, dict[tuple[str, str], list[int]]], *imported: str) -> list[str]:
    return [target.name for target in choose_targets(executed, imported)]


def test_parts_of_a_large_library_are_proposed_by_their_executed_lines() -> None:
    executed = covered(
        torch__optim__adam=300, torch__nn__modules=250, torch__utils__data__loader=200,
        torch__utils__hooks=90, torch___tensor=400, torch__cuda__init=20,
    )  # fmt: skip
    assert names(executed, "torch") == ["torch.optim", "torch.nn", "torch.utils.data"]


def test_a_small_part_is_proposed_where_most_of_a_library_only_supports_the_others() -> None:
    executed = covered(
        sklearn__utils__validation=530, sklearn__metrics__report=220, sklearn__svm__base=90,
        sklearn__base=37,
    )  # fmt: skip
    assert names(executed, "sklearn") == ["sklearn.metrics", "sklearn.svm", "sklearn.base"]


def test_a_library_whose_parts_lie_deeper_is_opened() -> None:
    executed = covered(keras__src__layers__core=500, keras__src__optimizers__adam=300)
    assert names(executed, "keras") == ["keras.src.layers", "keras.src.optimizers"]


def test_a_small_library_is_proposed_whole_and_a_used_one_counts_where_it_is_much() -> None:
    executed = covered(optax__adam=100, chex__a=10, jaxlib__b=90)
    assert names(executed, "optax") == ["optax", "jaxlib"]


def test_lines_that_ran_while_a_function_was_compiled_count_as_training() -> None:
    executed = covered(numpy__lib__split=30)
    executed["compiled"] = covered(optax__adam=100)["training"]
    executed["model"] = covered(flax__core=300)["training"]
    assert names(executed, "optax", "numpy", "flax") == ["optax", "numpy"]


def test_what_draws_and_prints_is_no_target() -> None:
    assert names(covered(matplotlib__axes=3_000, tqdm__std=200), "matplotlib", "tqdm") == []
    assert names({}) == []


def test_lines_that_only_show_an_import_do_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages" / "late"
    folder.mkdir(parents=True)
    (folder / "a.py").write_text("\n".join(f"x{n} = {n}" for n in range(200)))
    (folder / "b.py").write_text("def f():\n" + "\n".join(f"    x = {n}" for n in range(200)))
    executed = {"training": {("", str(folder / n)): list(range(1, 201)) for n in ("a.py", "b.py")}}
    (target,) = choose_targets(executed, ["late"])
    assert target.lines == 199


def test_a_statement_of_many_lines_counts_once(tmp_path: Path) -> None:
    folder = tmp_path / "site-packages" / "late"
    folder.mkdir(parents=True)
    rows = "\n".join(f"        {n}," for n in range(200))
    text = f"def f():\n    return [\n{rows}\n    ]\n" + "def g(x):\n" + "    x += 1\n" * 30
    (folder / "a.py").write_text(text)
    executed = {"training": {("", str(folder / "a.py")): list(range(1, 300))}}
    (target,) = choose_targets(executed, ["late"])
    assert target.lines == 31


MAIN = """\
import torch

def train(model):
    for batch in range(3):
        step(model)

def main():
    args = 1
    data = [args]
    model = Net()
    if args:
        print(args)
    for epoch in range(3):
        train(model)

main()
"""

SCRIPT = """\
'''Text.'''
import torch
import os

class Net: pass
rows = [1]
model = Net()
for epoch in range(2):
    step(model)
"""


def frame(line: int, function: str = "<module>", first: int = 1) -> list[object]:
    return ["train.py", line, function, first]


CASES = [
    ("a function that makes and trains", MAIN,
     [frame(16), frame(10, "main", 7)], [frame(16), frame(14, "main", 7), frame(5, "train", 3)],
     [("preprocessing", 8), ("constructing", 10), ("learning", 13)]),
    ("a script", SCRIPT, [frame(7)], [frame(9)],
     [("preprocessing", 6), ("constructing", 7), ("learning", 8)]),
    ("training alone", SCRIPT, None, [frame(9)], [("preprocessing", 6), ("learning", 8)]),
    ("a model alone", SCRIPT, [frame(7)], None, [("preprocessing", 6), ("learning", 7)]),
    ("a model that an import makes", SCRIPT, [frame(2)], [frame(9)],
     [("preprocessing", 6), ("learning", 8)]),
    ("both at one line", MAIN, [frame(16), frame(14, "main", 7)],
     [frame(16), frame(14, "main", 7)], [("preprocessing", 8), ("learning", 13)]),
    ("lines that are not there", "x = 1\n", [frame(90)], [frame(99)], []),
    ("a text that is no Python", "print 'a'\n", [frame(1)], [frame(1)], []),
    ("no frame of the program", MAIN, [], [], []),
]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "model", "training", "expected"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_phases_begin_at_statements_of_the_program(
    text: str,
    model: list[object] | None,
    training: list[object] | None,
    expected: list[tuple[str, int]],
) -> None:
    marks = {"model": model, "training": training}
    places = places_of([[name, frames] for name, frames in marks.items() if frames is not None])
    seen = find_phases(places, {"train.py": text})
    assert [(phase.mark.name, phase.mark.line) for phase in seen] == expected


@pytest.mark.parametrize("damaged", [None, 3, "text", [1], [["model", [1]]], [["model", None]]])
def test_damaged_landmarks_are_no_phases(damaged: object) -> None:
    assert places_of(damaged) in ({}, {"model": []})
