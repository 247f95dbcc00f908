"""Keras of every age: counts batches and epochs of training by its list of callbacks."""

from trainwreck_agent.frameworks import before_call

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Count where the class is defined, not where another module imports it.

    Older Keras calls ``_call_batch_hook`` from the training loop, newer Keras only where some
    callback wants it, and from ``on_train_batch_end``.
    """
    kind = getattr(module, "CallbackList", None)
    if kind is None or kind.__module__ != module.__name__:
        return
    inside: "set[int]" = set()

    def count_batch(_callbacks: "Any", *_args: "Any") -> None:
        guest.work.count("batches")

    def count_hook(_callbacks: "Any", *args: "Any") -> None:
        if args[:2] == ("train", "end"):
            guest.work.count("batches")

    modern = hasattr(kind, "on_train_batch_end")
    before_call(kind, "on_train_batch_end" if modern else "on_batch_end", count_batch, inside)
    if hasattr(kind, "_call_batch_hook"):
        before_call(kind, "_call_batch_hook", count_hook, inside)
    before_call(kind, "on_epoch_end", lambda *_: guest.work.count("epochs"))
