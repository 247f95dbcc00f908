"""TensorFlow: sets the seed and the number of threads."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Seed the default graph or context, and set the threads where TensorFlow 2 has settings."""
    set_seed = getattr(module.random, "set_seed", None) or module.random.set_random_seed
    set_seed(guest.order["seed"])
    if hasattr(module, "config") and hasattr(module.config, "threading"):
        module.config.threading.set_intra_op_parallelism_threads(guest.order["threads"])
        module.config.threading.set_inter_op_parallelism_threads(guest.order["threads"])
