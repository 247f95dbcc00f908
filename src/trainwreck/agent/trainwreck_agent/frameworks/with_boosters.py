"""XGBoost and LightGBM: remembers the boosters that the program creates."""

from trainwreck_agent.digest import LARGEST_COPY, hash_of
from trainwreck_agent.frameworks.remembered import Remembered, remember_whole

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Remember each booster, with its trees in the format that it is saved in."""
    framework = module.__name__.split(".")[0]
    boosters = Remembered(guest.digest, framework, lambda b: [b], _saved, lambda _: ())
    remember_whole(guest.digest, boosters)
    boosters.when_used(guest.begin_training)
    boosters.watch(module.Booster)


def _saved(booster: "Any") -> "Any":
    """Return the saved form of a booster, or its hash; it is large, and copied in pieces."""
    if not hasattr(booster, "model_to_string"):
        return booster.save_raw()
    # All trees: by default only those up to the best one.
    text = booster.model_to_string(num_iteration=-1)
    return hash_of(
        text[at : at + LARGEST_COPY].encode("utf-8", "backslashreplace")
        for at in range(0, len(text), LARGEST_COPY)
    )
