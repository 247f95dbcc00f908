"""The rules that end a run which cannot go on, as functions on facts made by hand."""

from dataclasses import replace
from math import inf

import pytest

from build import outcome
from trainwreck.judge.clean_times import times_of
from trainwreck.judge.conclusions import symptom_of
from trainwreck.model import (
    STUCK,
    CleanTimes,
    Ending,
    Exit,
    Outcome,
    PhaseTime,
    Rule,
    Standstill,
    Stuck,
    Symptom,
)
from trainwreck.report.standstills import shown_stuck
from trainwreck.run.circles import (
    BEYOND,
    ENOUGH_ANSWERS,
    FEWEST_HITS,
    Answer,
    is_runaway,
    is_unchanging,
)
from trainwreck.run.printed_lines import MOST_LINES, PrintedLines
from trainwreck.run.stillness import STILL_SECONDS, Look, Stillness
from trainwreck.run.waits import Wait

MANY = 2 * ENOUGH_ANSWERS


def circle(states: str) -> list[Answer]:
    return [Answer(state.strip(), number) for number, state in enumerate(states)]


def counting(*values: float, steady: tuple[float, ...] = (0.0, 10.0)) -> list[Answer]:
    hits = [FEWEST_HITS * (1 + number) for number in range(len(values))]
    return [
        Answer(f"{value}", count, numbers={"i": value}, steady=steady)
        for value, count in zip(values, hits, strict=True)
    ]


@pytest.mark.parametrize("states", ["a" * 10, "ab" * 10, "abc" * 10, "aaabaaabaaab"])
def test_unchanging_is_a_program_whose_states_come_again(states: str) -> None:
    assert is_unchanging(circle(states))


@pytest.mark.parametrize(
    "states",
    [
        "a" * (ENOUGH_ANSWERS - 1),  # Too few.
        "abcdefghijklmnop",  # It moves.
        "aaaaaaaaaaaaaaab",  # It has just moved.
        "aaaaaaaabbbbbbbb",  # It moves slowly.
        "abcdeabcde",  # Too many states for so few answers.
        "aaaa aaaaaaaaa",  # One could not be read.
    ],
)
def test_unchanging_is_no_program_that_moves(states: str) -> None:
    assert not is_unchanging(circle(states))


def test_runaway_is_a_number_that_leaves_all_others_behind() -> None:
    assert is_runaway(counting(*(-1e5 * n for n in range(1, MANY))), 10)
    assert is_runaway(counting(*(1e5 * n for n in range(1, MANY))), 10)


def test_runaway_is_no_counter_on_its_way_to_a_far_end() -> None:
    rising = counting(*(1e5 * n for n in range(1, MANY)), steady=(0.0, 1e8))
    falling = counting(*(1e9 - 1e5 * n for n in range(1, MANY)), steady=(0.0, 1e9))
    assert not is_runaway(rising, 10)
    assert not is_runaway(falling, 10)


def test_runaway_needs_a_multiple_of_the_clean_evaluations() -> None:
    answers = counting(*(-1e5 * n for n in range(1, MANY)))
    assert is_runaway(answers, answers[-1].hits // BEYOND)
    assert not is_runaway(answers, answers[-1].hits // BEYOND + 1)
    assert not is_runaway(answers, None)


def test_runaway_needs_hits_and_a_number_that_move() -> None:
    answers = counting(*(-1e5 * n for n in range(1, MANY)))
    assert not is_runaway([replace(answer, hits=10**9) for answer in answers], 10)
    assert not is_runaway([replace(answer, numbers={"i": 3.0}) for answer in answers], 10)
    assert not is_runaway([replace(answer, state="") for answer in answers], 10)


def test_stillness_needs_every_thread_to_sleep_on() -> None:
    def look(seconds: float, *switches: int, remaining: float = inf) -> Look:
        waits = tuple(Wait(7, 7 + n, s, remaining) for n, s in enumerate(switches))
        return Look(seconds, 50.0, waits or None)

    still = Stillness()
    assert not still.holds(look(0.0, 4, 9))
    assert not still.holds(look(STILL_SECONDS - 0.1, 4, 9))
    assert still.holds(look(STILL_SECONDS, 4, 9))
    assert not still.holds(look(STILL_SECONDS, 4, 10))  # One has woken.
    assert not still.holds(look(STILL_SECONDS + 1, 4, 10, remaining=49.0))  # One will.
    assert not still.holds(look(STILL_SECONDS + 2, 4, 10))
    assert not still.holds(look(9 * STILL_SECONDS))  # One is awake, or not known.
    assert not still.holds(look(9 * STILL_SECONDS, 4, 10))
    still.restart()
    assert not still.holds(look(90 * STILL_SECONDS, 4, 10))


def test_printed_lines_count_what_is_new() -> None:
    lines = PrintedLines()
    lines.feed(b"waiting\nwai")
    lines.feed(b"ting\nwaiting\n")
    assert lines.news == 1
    lines.feed(b"epoch 1\rwaiting\r")
    assert lines.news == 2
    for number in range(MOST_LINES):
        lines.feed(b"%d\n" % number)
    known = lines.news
    lines.feed(b"one more\none more\n")
    assert lines.news == known + 2


def test_printed_lines_in_pieces_are_new_once() -> None:
    lines = PrintedLines()
    for piece in [b"the loss is ", b"0.5", b"\n"]:
        lines.feed(piece)
    known = lines.news
    for piece in [b"the loss is ", b"0.5", b"\n", b"the", b" loss is 0.5\n"]:
        lines.feed(piece)
    assert lines.news == known
    for piece in [b"the loss is ", b"0.50"]:
        lines.feed(piece)
    assert lines.news == known + 1


def test_clean_times_are_the_longest_of_each_phase() -> None:
    phases = (PhaseTime("learning", 2.0, 0.0, 0), PhaseTime("testing", 5.0, 0.0, 0))
    again = (PhaseTime("learning", 1.0, 0.0, 0), PhaseTime("learning", 5.0, 0.0, 0))
    runs = [outcome(seconds=6.0, phases=phases), outcome(seconds=7.0, phases=again)]
    expected = {"import": 2.0, "learning": 4.0, "testing": 1.0}
    assert times_of(runs) == CleanTimes(7.0, expected)
    assert times_of([]) is None
    assert CleanTimes(7.0, expected).of_phase("unknown") == 7.0


def stopped() -> Outcome:
    stuck = Stuck(Standstill.UNCHANGING, 4.0, 1.5, answers=12, states=2)
    observed = {STUCK: stuck.as_json()}
    exit_ = Exit(Ending.STUCK, 9)
    return outcome(exit=exit_, settled=Rule.STUCK, steps={}, observations=observed)


def test_stuck_run_is_a_hang_that_a_rule_decided() -> None:
    assert symptom_of(stopped(), ["loss"]) is Symptom.HANG
    assert Exit.read(str(stopped().exit)) == stopped().exit


def test_stuck_is_read_as_it_was_stored() -> None:
    stuck = Stuck.read(stopped().observations)
    assert stuck == Stuck(Standstill.UNCHANGING, 4.0, 1.5, answers=12, states=2)
    assert Stuck.read({STUCK: {"why": "a reason of a later version"}}) is None
    assert Stuck.read({}) is None


@pytest.mark.parametrize("why", list(Standstill))
def test_stuck_has_a_sentence_with_its_numbers(why: Standstill) -> None:
    text = shown_stuck(Stuck(why, 4.0, 1.5, 3, 12, 2, 10**6, 10))
    assert text.endswith(".")
    assert {"asleep": "(3)", "unchanging": "12", "runaway": "1,000,000"}[why] in text
