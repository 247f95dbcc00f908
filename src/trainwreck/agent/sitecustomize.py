"""Starts the agent in this process, then runs the ``sitecustomize`` that this file hides."""

import os
import sys


def _start() -> None:
    order = os.environ.get("TRAINWRECK_ORDER")
    if order:
        import trainwreck_agent

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


_start()
_run_hidden()
