"""NumPy: the global generator."""

from trainwreck_agent.frameworks import pieces


def after_import(module, guest):
    """Seed the legacy generator, the only one that has a global state, and read it with models."""
    module.random.seed(guest.order["seed"] % 2**32)
    guest.digest.surround(lambda: pieces(module.random.get_state()))
