"""Starts the agent in this process, then runs the ``sitecustomize`` that this file hides."""

import os
import sys


def _start(order: str) -> None:
    path = sys.path[:]
    # A module of the program that is named like one of Python's must not become the agent's.
    added = [os.path.abspath(p) for p in os.environ.get("PYTHONPATH", "").split(os.pathsep) if p]
    here = os.path.dirname(os.path.abspath(__file__))
    sys.path[:] = [here] + [p for p in path if os.path.abspath(p or ".") not in added]
    try:
        import trainwreck_agent

        trainwreck_agent.load()
    finally:
        sys.path[:] = path
    trainwreck_agent.boot(order)


def _run_hidden() -> None:
    """Run the environment's own ``sitecustomize``, if it has one."""
    from importlib.machinery import PathFinder
    from importlib.util import module_from_spec

    folder = os.path.dirname(os.path.abspath(__file__))
    # Neither the hidden module nor the program must find this folder first on the path.
    sys.path[:] = [entry for entry in sys.path if os.path.abspath(entry or ".") != folder]
    spec = PathFinder.find_spec("sitecustomize")
    if spec is not None and spec.loader is not None:
        module = module_from_spec(spec)
        sys.modules["sitecustomize"] = module
        spec.loader.exec_module(module)


def _start_and_run_hidden() -> None:
    order = os.environ.get("TRAINWRECK_ORDER")
    if not order:
        _run_hidden()
        return
    before = set(sys.modules)
    import importlib.util  # noqa: F401 (`_run_hidden` needs it, and the program need not)

    _start(order)
    imported = set(sys.modules) - before
    _run_hidden()
    sys.modules["trainwreck_agent"].give_way(imported)


_start_and_run_hidden()
