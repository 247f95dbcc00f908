"""The curve of a bug over the band of clean runs that `show` draws."""

import re
from typing import Any

import pytest

from build import mutant, outcome, verdict
from trainwreck.model import Divergence, PlannedMutant, Rung
from trainwreck.report.small_curves import COLUMNS, axis_of, curve_lines, drawn
from trainwreck.report.story import story_text
from trainwreck.results.clean_curves import CleanCurve
from trainwreck.results.story import Story

BRAILLE = re.compile("[\u2800-\u28ff]")


def band(*values: tuple[float, float], metric: str = "loss") -> CleanCurve:
    lows, highs = (tuple(ends[side] for ends in values) for side in (0, 1))
    return CleanCurve(metric, 5, lows, lows, highs, lows)


def story(rung: Rung = Rung.PROPAGATED, **steps: tuple[str, ...]) -> Story:
    found = Divergence("loss", 2, "learning", "9.5", ("3.0",)) if "loss" in steps else None
    return Story(
        planned=PlannedMutant(mutant()),
        diff="-a\n+b\n",
        verdict=verdict(rung=rung, divergence=found),
        outcome=outcome(steps=steps),
        clean=(),
        log="",
        clean_curves=(band((4, 4), (3, 3.5), (2.5, 3)),),
    )


def rows(lines: list[str]) -> list[str]:
    return [line for line in lines if re.match(r" {2}[ \d.e+-]+[┤│]", line)]


def test_show_draws_a_rising_curve_above_a_falling_band() -> None:
    lines = curve_lines(story(loss=("4.0", "9.5", "20.5")))
    assert lines[0] == "loss by step: ⣿ this bug, ░ clean runs"
    assert lines[1] == "  it ends at 20.5; 5 clean runs end from 2.5 to 3"
    picture = rows(lines)
    labels = [row.partition("┤")[0].strip() for row in picture if "┤" in row]
    assert labels == ["20.5", "11.5", "2.5"]
    assert BRAILLE.search(picture[0][-3:])
    assert BRAILLE.match(picture[-1].partition("┤")[2][0])
    assert [row.count("░") > 0 for row in picture] == [False] * 6 + [True]
    assert lines[-1].split() == ["step", "1", "3"]


@pytest.mark.parametrize("rung", [Rung.MASKED, Rung.UNINFECTED])
def test_show_draws_no_curve_of_a_bug_whose_result_is_a_clean_one(rung: Rung) -> None:
    assert curve_lines(story(rung, loss=("4.0", "3.0", "2.5"))) == []


def test_show_draws_no_curve_of_a_metric_with_one_value_or_without_numbers() -> None:
    assert curve_lines(story(loss=("4.0",))) == []
    assert curve_lines(story(loss=("nan", "inf", "-inf"))) == []
    assert "by step" not in story_text(story(loss=("4.0",)))


def test_show_draws_the_curve_between_the_verdict_and_what_was_printed() -> None:
    parts = story_text(story(loss=("4.0", "9.5", "20.5"))).split("\n\n")
    assert [part.split(":")[0].split(" (")[0] for part in parts[2:]] == [
        "normal", "loss by step", "It printed nothing.",
    ]  # fmt: skip


def test_show_draws_another_metric_where_the_first_has_no_curve() -> None:
    (line, *_) = curve_lines(story(loss=("nan", "nan"), accuracy=("0.5", "0.6")))
    assert line == "accuracy by step: ⣿ this bug; no clean run reports it"


def test_one_huge_value_makes_the_axis_of_a_curve_logarithmic() -> None:
    lines = drawn("loss", [4.0, 1e64, 1e300], band((4, 4), (3, 3.5), (2.5, 3)))
    assert lines[0].endswith(", logarithmic axis")
    begins = [row.index(found[0]) for row in rows(lines) if (found := BRAILLE.search(row))]
    assert len(begins) == 7
    assert begins == sorted(begins, reverse=True)


def test_one_huge_negative_value_is_drawn_at_the_edge_of_the_axis() -> None:
    lines = drawn("loss", [4.0, -1e64, 3.0], band((4, 4), (3, 3.5), (2.5, 3)))
    assert lines[0].endswith(", others at the edge")
    assert axis_of([-1e64, 4.0], [2.5, 4.0]).low == 2.5 - 20 * 1.5


HOSTILE: list[tuple[str, list[Any]]] = [
    ("the largest numbers of both signs", [-1.7e308, 1.7e308, 0.0]),
    ("the smallest numbers", [5e-324, 1e308]),
    ("equal numbers", [0.0, 0.0]),
    ("gaps", [None, 1.0, None, None, 2.0, None]),
    ("one number among gaps", [None, 1.0, None]),
    ("many steps", [float(step % 7) for step in range(100_000)]),
    ("a step more than columns", [1.0] * (COLUMNS + 1)),
]


@pytest.mark.parametrize("values", [v for _, v in HOSTILE], ids=[name for name, _ in HOSTILE])
@pytest.mark.parametrize("clean", [None, band((1, 2), (0.5, 3)), band((-1.7e308, 1.7e308))])
def test_every_curve_is_drawn_within_80_columns(
    values: list[float | None], clean: CleanCurve | None
) -> None:
    lines = drawn("a metric with a very long name", values, clean)
    assert max(map(len, lines)) <= 80
    assert any(map(BRAILLE.search, lines))
