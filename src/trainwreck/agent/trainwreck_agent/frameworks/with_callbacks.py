"""Keras of every age: batches and epochs of training, as its list of callbacks is told."""

from trainwreck_agent.frameworks import before_call


def after_import(module, guest):
    """Count where the class is defined, not where it is only named again.

    Older Keras calls ``_call_batch_hook`` from the training loop, newer Keras only where some
    callback wants it, and from ``on_train_batch_end``.
    """
    kind = getattr(module, "CallbackList", None)
    if kind is None or kind.__module__ != module.__name__:
        return
    inside = set()

    def count_batch(_callbacks, *_args):
        guest.work.count("batches")

    def count_hook(_callbacks, *args):
        if args[:2] == ("train", "end"):
            guest.work.count("batches")

    modern = hasattr(kind, "on_train_batch_end")
    before_call(kind, "on_train_batch_end" if modern else "on_batch_end", count_batch, inside)
    if hasattr(kind, "_call_batch_hook"):
        before_call(kind, "_call_batch_hook", count_hook, inside)
    before_call(kind, "on_epoch_end", lambda *_: guest.work.count("epochs"))
