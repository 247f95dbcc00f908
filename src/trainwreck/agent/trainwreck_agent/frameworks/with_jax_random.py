"""JAX: records the seeds that the program gives, for the doctor."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Record the calls that make keys."""
    if guest.sources is not None:
        for name in ("key", "PRNGKey"):
            guest.sources.watch(module, name, "jax.random." + name, "seed")
