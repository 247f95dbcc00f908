"""NumPy's random generators: seeds the global one, and those that are made without a seed."""

import sys

from trainwreck_agent.frameworks import pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Seed the legacy generator, the only global one, and read its state with the models.

    Every generator without a seed asks `randbits` for one, a name that only NumPy's own compiled
    module has (since NumPy 1.17; an older one asks the operating system itself).
    """
    source = sys.modules.get("numpy.random.bit_generator")
    if hasattr(source, "randbits"):
        source.randbits = lambda bits: guest.entropy.bits("numpy", bits)  # type: ignore[union-attr]
    module.seed(guest.entropy.global_seed() % 2**32)
    guest.digest.surround(lambda: pieces(module.get_state()))
    if guest.sources is not None:
        guest.sources.watch(module, "seed", "numpy.random.seed", "seed")
        guest.sources.watch(module, "default_rng", "numpy.random.default_rng", "seed")
