"""Digests of models that are one object each: scikit-learn's estimators, and boosters."""

import importlib
import weakref
from collections.abc import Iterator
from types import ModuleType, SimpleNamespace
from typing import Any

import numpy
import pytest

from guest import AGENT


@pytest.fixture(autouse=True)
def agent_on_path(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(AGENT))


def agent(name: str) -> Any:
    return importlib.import_module(f"trainwreck_agent.{name}")


def hash_of(value: object) -> str:
    state = agent("frameworks.object_state").ObjectState(lambda text: text.replace("/slot/0", ""))
    return str(agent("digest").hash_of(state.of(value)).hexdigest())


class Model:
    """Any object of Python."""

    def __init__(self, **values: object) -> None:
        vars(self).update(values)


class Slotted:
    __slots__ = ("a", "b")

    def __init__(self, a: object) -> None:
        self.a = a


def ring(name: str) -> list:
    found: list = [name]
    found.append(found)
    return found


def padded(garbage: int) -> numpy.ndarray:
    """A structured array whose gaps hold garbage."""
    kind = numpy.dtype({"names": ["a", "b"], "formats": ["i1", "f8"], "offsets": [0, 8]})
    array = numpy.frombuffer(bytes([garbage]) * 32, dtype=kind).copy()
    array["a"], array["b"] = 1, 2.0
    return array


SAME = [
    ({"a": 1, "b": 2}, {"b": 2, "a": 1}),
    ({3: 1, "b": 2}, {"b": 2, 3: 1}),
    ({"x", "y", "z"}, {"z", "y", "x"}),
    (Model(a=1, b=[2]), Model(b=[2], a=1)),
    (Model(fit_time=1.0, _words_id=7), Model(fit_time=2.0, _words_id=8)),
    ({"mean_fit_time": [1.0]}, {"mean_fit_time": [2.0]}),
    (padded(1), padded(2)),
    (ring("a"), ring("a")),
    (object(), object()),
    (float("nan"), float("nan")),
    ("/slot/0/cache", "/cache"),
    (numpy.random.RandomState(1), numpy.random.RandomState(1)),
    (numpy.array(["a", None], dtype=object), numpy.array(["a", None], dtype=object)),
]
DIFFERENT = [
    (1, 1.0),
    (True, 1),
    (0.0, -0.0),
    ("1", 1),
    (b"1", "1"),
    ([1, 2], [2, 1]),
    ([1, 2], (1, 2)),
    ([[1], 2], [[1, 2]]),
    ({"a": 1}, {"a": 2}),
    ({1}, {2}),
    (Model(a=1), Model(b=1)),
    (Slotted(1), Slotted(2)),
    (numpy.array([1]), numpy.array([2])),
    (numpy.array([1], "i4"), numpy.array([1], "i8")),
    (numpy.array([[1, 2]]), numpy.array([[1], [2]])),
    (numpy.array(["a"], dtype=object), numpy.array(["b"], dtype=object)),
    (len, print),
    (Model, Slotted),
    (numpy.random.RandomState(1), numpy.random.RandomState(2)),
    (ring("a"), ring("b")),
    ([Model(a=1)] * 2, [Model(a=1), Model(a=2)]),
]


@pytest.mark.parametrize(("first", "second"), SAME)
def test_the_content_of_equal_objects_is_the_same(first: object, second: object) -> None:
    assert hash_of(first) == hash_of(second)
    assert hash_of([first, first]) == hash_of([second, second])


@pytest.mark.parametrize(("first", "second"), DIFFERENT)
def test_the_content_of_different_objects_differs(first: object, second: object) -> None:
    assert hash_of(first) != hash_of(second)


def test_an_object_in_c_counts_by_its_pickled_state() -> None:
    first, second = map(numpy.random.PCG64, (1, 2))
    assert hash_of(first) == hash_of(numpy.random.PCG64(1)) != hash_of(second)


def test_too_many_objects_are_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(agent("frameworks.object_state"), "MOST_OBJECTS", 3)
    with pytest.raises(RuntimeError, match="more than 3 objects"):
        hash_of([[], [], []])


class Guest(SimpleNamespace):
    """The agent's own digest, and an order."""

    def __init__(self) -> None:
        super().__init__(digest=agent("digest").Digest(), order={"events": "/slot/0/events"})

    def begin_training(self) -> None:
        """Mark nothing: these models have no phases."""

    def read(self) -> dict[str, Any]:
        answer: dict[str, Any] = self.digest.read()
        assert answer["unread"] == []
        return answer


def estimators(guest: Guest) -> Any:
    """A library with scikit-learn's base class, hooked, and two classes of estimators."""
    module: Any = ModuleType("sklearn.base")

    class BaseEstimator:
        pass

    module.BaseEstimator = BaseEstimator
    agent("frameworks.with_sklearn").after_import(module, guest)

    class Line(BaseEstimator):
        def fit(self, slope: float) -> "Line":
            self.coef_ = numpy.array([slope])
            return self

        def partial_fit(self, slope: float) -> "Line":
            self.coef_ = self.coef_ + slope if hasattr(self, "coef_") else numpy.array([slope])
            return self

    class Search(BaseEstimator):
        def fit(self, slope: float) -> "Search":
            self.best_ = Line().fit(slope)
            Line().fit(3.0)
            return self

    return SimpleNamespace(Line=Line, Search=Search)


@pytest.fixture
def guest() -> Iterator[Guest]:
    guest = Guest()
    yield guest
    guest.digest.read()  # Estimators that go later are none of its business.


def fitted(slope: float, drop: bool, change: bool = False) -> str:
    guest = Guest()
    line = estimators(guest).Line().fit(slope)
    if change:
        line.partial_fit(1.0)
    if drop:
        del line
    return str(guest.read()["parameters"])


def test_an_estimator_counts_with_its_last_state_kept_or_dropped() -> None:
    assert fitted(1.0, drop=True) == fitted(1.0, drop=False)
    assert fitted(1.0, drop=True) != fitted(2.0, drop=True)
    assert fitted(1.0, drop=True, change=True) == fitted(2.0, drop=False)


def test_a_dropped_estimator_is_not_kept_alive(guest: Guest) -> None:
    line = estimators(guest).Line().fit(1.0)
    gone = weakref.ref(line)
    del line
    assert gone() is None


def test_estimators_that_others_fit_are_no_models_of_their_own(guest: Guest) -> None:
    estimators(guest).Search().fit(1.0)
    whats = [entry["what"] for entry in guest.read()["covers"]]
    assert whats == ["scikit-learn Search"]


def test_what_others_fit_counts_within_the_outermost_one() -> None:
    def search(slope: float) -> str:
        guest = Guest()
        kept = estimators(guest).Search().fit(slope)
        answer = guest.read()["parameters"]
        assert kept.best_
        return str(answer)

    assert search(1.0) == search(1.0) != search(1.5)


def test_fitting_that_fails_leaves_the_next_one_outermost(guest: Guest) -> None:
    library = estimators(guest)
    with pytest.raises(TypeError):
        library.Line().fit()
    line = library.Line().fit(1.0)
    covers = guest.read()["covers"]
    assert [(entry["what"], entry["models"]) for entry in covers] == [("scikit-learn Line", 2)]
    assert line.coef_


def test_estimators_alone_are_no_checkpoint(guest: Guest) -> None:
    line = estimators(guest).Line().fit(1.0)
    assert guest.digest.checkpoint("report") is None
    guest.digest.remember(None, lambda _: [b"weights"])
    assert guest.digest.checkpoint("report") is not None
    assert line.coef_


@pytest.mark.parametrize("method", ["save_raw", "model_to_string"])
def test_boosters_count_by_what_they_save(method: str) -> None:
    def boosted(trees: str, drop: bool) -> str:
        guest, module = Guest(), ModuleType("booster.core")

        class Booster:
            def __init__(self) -> None:
                self.trees = ""
                self.freed = False

            def __del__(self) -> None:
                self.freed = True

        def save(self: Any, **options: int) -> str | bytes:
            assert not self.freed
            assert options == ({"num_iteration": -1} if method == "model_to_string" else {})
            return self.trees if options else self.trees.encode()

        setattr(Booster, method, save)
        module.Booster = Booster  # type: ignore[attr-defined]
        agent("frameworks.with_boosters").after_import(module, guest)
        booster = Booster()
        booster.trees = trees
        if drop:
            del booster
        answer = guest.read()
        assert answer["covers"][0]["what"] == "booster Booster"
        return str(answer["parameters"])

    assert boosted("a", drop=True) == boosted("a", drop=False) != boosted("b", drop=True)
