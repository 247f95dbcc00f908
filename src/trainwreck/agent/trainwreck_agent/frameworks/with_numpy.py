"""NumPy: seeds the global generator."""

from trainwreck_agent.frameworks import pieces

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Seed the legacy generator, the only global one, and read its state with the models."""
    module.random.seed(guest.order["seed"] % 2**32)
    guest.digest.surround(lambda: pieces(module.random.get_state()))
