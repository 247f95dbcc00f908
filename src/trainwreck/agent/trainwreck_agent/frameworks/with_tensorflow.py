"""TensorFlow 2: sets the number of threads."""

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Set the threads; TensorFlow 1 has no such settings outside a session's."""
    if hasattr(module, "config") and hasattr(module.config, "threading"):
        module.config.threading.set_intra_op_parallelism_threads(guest.order["threads"])
        module.config.threading.set_inter_op_parallelism_threads(guest.order["threads"])
