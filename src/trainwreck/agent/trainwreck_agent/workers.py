"""Separates the child processes that train from those that others hand tasks to."""

import sys

EXECUTORS = ("concurrent", "joblib", "loky")
"""Packages whose worker processes take the next task when they are free."""


def is_pooled() -> bool:
    """Return whether this process is a worker of a pool, or one that its parent ends at will.

    Which models such a process has, and whether it ends by itself, depends on time.
    """
    module = sys.modules.get("multiprocessing.process")
    if module is None:
        return False
    process = module.current_process()
    target = getattr(process, "_target", None)
    package = str(getattr(target, "__module__", "")).split(".")[0]
    return bool(process.daemon) or package in EXECUTORS
