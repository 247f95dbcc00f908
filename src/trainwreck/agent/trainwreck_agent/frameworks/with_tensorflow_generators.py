"""TensorFlow 2: seeds the generators that are made without a seed."""

import functools
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", _guest: "Guest") -> None:
    """Draw the state of a new generator from an operation that the agent seeds."""
    draw = getattr(module, "non_deterministic_ints", None)
    if draw is None:
        return

    @functools.wraps(draw)
    def draw_seeded(shape: "Any", dtype: "Any" = module.dtypes.int64) -> "Any":
        kind = module.dtypes.as_dtype(dtype)
        operations: "Any" = sys.modules.get(module.__name__.replace("stateful_", ""))
        if kind != module.dtypes.int64 or operations is None:
            return draw(shape, dtype)
        return operations.random_uniform(shape, kind.min, kind.max, kind)

    module.non_deterministic_ints = draw_seeded
