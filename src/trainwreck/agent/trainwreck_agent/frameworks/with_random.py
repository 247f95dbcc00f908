"""Python's `random`: seeds the global generator, and those that are made without a seed."""

import functools
import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

BITS = 256
NAMES_OF_FILES = ("tempfile",)
"""Modules that need names which no other process of the machine has, as of semaphores."""


def after_import(module: "Any", guest: "Guest") -> None:
    """Seed at the one place through which every generator without a seed gets its own."""
    kind = getattr(module, "Random", None)
    if kind is None or not hasattr(module, "_inst"):
        return  # The program's own `random.py`.
    seed = kind.seed

    @functools.wraps(seed)
    def seed_by_trial(self: "Any", a: "Any" = None, version: int = 2) -> None:
        if a is None and not _is_for_names(sys._getframe(1)):
            a = guest.entropy.bits("random", BITS)
        elif a is not None and guest.sources is not None:
            guest.sources.note("seed", "random.seed", a)
        seed(self, a, version)

    kind.seed = seed_by_trial
    module._urandom = os.urandom  # The doctor's, where it records the calls.
    module.seed = module._inst.seed
    module.seed(guest.entropy.global_seed())
    if hasattr(os, "register_at_fork"):
        # `random` seeds the child of a fork from the operating system; this runs after that.
        os.register_at_fork(after_in_child=lambda: module.seed())


def _is_for_names(frame: "Any") -> bool:
    """Return whether one of the last two callers makes names, not numbers."""
    callers = [frame, frame.f_back]
    return any(f is not None and f.f_globals.get("__name__") in NAMES_OF_FILES for f in callers)
