"""The guest's counter: every hit counts, the first ones and every doubling are told."""

import builtins
from collections.abc import Callable
from typing import Any

import pytest

from build import executed, mutants_of
from guest import AGENT


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    monkeypatch.syspath_prepend(str(AGENT))
    from trainwreck_agent.planting import counter

    monkeypatch.setattr(builtins, counter.HIT, None, raising=False)
    return counter


def hit(module: Any, times: int = 1) -> list[object]:
    """As buggy code does it: the name is looked up again at each evaluation."""
    return [getattr(builtins, module.HIT)() for _ in range(times)]


def nothing() -> None:
    """Nobody listens."""


def test_a_hit_is_true_and_counts(module: Any) -> None:
    counter = module.Counter(nothing)
    assert counter.value == 0
    assert all(hit(module, module.FAST + 10))
    assert (counter.value, counter.value) == (module.FAST + 10, module.FAST + 10)


def test_a_counter_begins_again(module: Any) -> None:
    counter = module.Counter(nothing)
    hit(module, module.FAST + 10)
    counter.restart()
    assert counter.value == 0
    assert all(hit(module, 3))
    assert counter.value == 3


def test_the_first_hits_and_every_doubling_are_told(module: Any) -> None:
    told: list[int] = []
    tell: Callable[[], None] = lambda: told.append(counter.value)  # noqa: E731
    counter = module.Counter(tell)
    hit(module, 3 * module.FAST)
    assert told == [1, 2, 3, 4, 5, 6, 7, 8, 16, 32, 64, 128, 256, 512, 1024]


def test_every_evaluation_of_a_bug_is_counted(module: Any) -> None:
    text = "x = [index + 1 for index in range(7)]\n"
    counter = module.Counter(nothing)
    mutant = mutants_of(text, "ArOR")[0]
    found = executed(mutant.apply_counted(text, f"{module.HIT}()"), {})
    assert found["x"] == [index - 1 for index in range(7)]
    assert counter.value == 7


def test_places_count_together_and_each_is_told_once(module: Any, monkeypatch: Any) -> None:
    reached: list[int] = []
    counter = module.Counter(nothing)
    for number in range(3):
        monkeypatch.setattr(builtins, module.PLACE % number, None, raising=False)
        counter.watch(number, reached.append)

    def call(number: int) -> bool:
        return bool(getattr(builtins, module.PLACE % number)())

    assert all(call(number) for number in (1, 0, 1, 1))
    assert (counter.value, reached) == (4, [1, 0])
    assert all(call(0) and hit(module)[0] for _ in range(module.FAST))
    assert (counter.value, reached) == (4 + 2 * module.FAST, [1, 0])
    counter.restart()
    assert call(1)
    assert call(2)
    assert (counter.value, reached) == (2, [1, 0, 2])
