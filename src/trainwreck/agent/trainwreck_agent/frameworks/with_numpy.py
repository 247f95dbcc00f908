"""NumPy: the global generator."""


def after_import(module, guest):
    """Seed the legacy generator, the only one that has a global state."""
    module.random.seed(guest.order["seed"] % 2**32)
