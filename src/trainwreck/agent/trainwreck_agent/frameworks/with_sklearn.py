"""scikit-learn: remembers the estimators that the program itself fits."""

import functools
import os

from trainwreck_agent.digest import hash_of
from trainwreck_agent.frameworks.object_state import ObjectState
from trainwreck_agent.frameworks.remembered import Remembered, remember_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

FITTING = ("fit", "partial_fit", "fit_transform", "fit_predict", "fit_resample")


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember an estimator after a call that fits it, but none that others fit within theirs.

    Each class has a method of its own, which is wrapped when the class is made.
    """
    folder = os.path.dirname(guest.order["events"])

    def plain(text: str) -> str:
        return text.replace(folder, "")

    def read(estimator: "Any") -> "Any":
        return hash_of(ObjectState(plain).of(estimator))

    estimators = Remembered(guest.digest, "scikit-learn", lambda e: [e], read, lambda _: ())
    estimators.hash_at_end_of(module.BaseEstimator)
    remember_whole(guest.digest, estimators)
    fitting: "list[bool]" = []

    def wrap(kind: "Any") -> None:
        for name in FITTING:
            method = vars(kind).get(name)
            if callable(method):
                setattr(kind, name, _around_outermost(method, guest, estimators, fitting))

    _with_each_class(module.BaseEstimator, wrap)


def _around_outermost(
    method: "Any", guest: "Guest", estimators: "Remembered", fitting: "list[bool]"
) -> "Any":
    @functools.wraps(method)
    def fit_and_remember(self: "Any", *args: "Any", **kwargs: "Any") -> "Any":
        if fitting:
            return method(self, *args, **kwargs)
        guest.begin_training()
        fitting.append(True)
        try:
            return method(self, *args, **kwargs)
        finally:
            fitting.pop()
            estimators.add(self)

    return fit_and_remember


def _with_each_class(base: "Any", act: "Any") -> None:
    """Call ``act`` with each class that is derived from ``base`` from now on."""
    previous = vars(base).get("__init_subclass__")

    def prepare(cls: "Any", **kwargs: "Any") -> None:
        act(cls)
        if previous is None:
            super(base, cls).__init_subclass__(**kwargs)
        else:
            previous.__func__(cls, **kwargs)

    base.__init_subclass__ = classmethod(prepare)  # type: ignore[arg-type]
