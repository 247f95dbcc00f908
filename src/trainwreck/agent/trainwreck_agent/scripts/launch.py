"""Runs the program under study as ``python FILE …`` or ``python -m MODULE …`` would."""

import builtins
import os
import runpy
import sys
import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def main(arguments: "list[str]") -> None:
    """Run the program to its end, and end with its own exit status."""
    from trainwreck_agent import REFUSED, guest

    this = guest.current
    if this is None:
        os._exit(REFUSED)
    try:
        if arguments[0] == "-m":
            sys.argv = arguments[1:]
            sys.path[0] = os.getcwd()
            runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
        else:
            run_file(arguments, this)
        this.conclude()
    except SystemExit as error:
        if error.code in (None, 0):
            this.conclude()
        else:
            this.fail(type(error), error, error.__traceback__)
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        this.fail(type(error), error, error.__traceback__)
        error = error.with_traceback(_without_launcher(error.__traceback__))
        sys.excepthook(type(error), error, error.__traceback__)
        sys.exit(1)
    finally:
        sys.stdout.flush()


def run_file(arguments: "list[str]", this: "Guest") -> None:
    """Replace ``__main__`` with a module made from a file, and run it."""
    path = os.path.realpath(arguments[0])
    sys.argv = arguments
    sys.path[0] = os.path.dirname(path)
    module = types.ModuleType("__main__")
    module.__file__ = path
    module.__builtins__ = builtins  # type: ignore[attr-defined]
    module.__loader__ = None
    sys.modules["__main__"] = module
    exec(_code(path, this), module.__dict__)


def _code(path: str, this: "Guest") -> "types.CodeType":
    entry = this.overlay.entry_of(path)
    if entry is not None:
        return this.overlay.code_of(entry, "__main__")
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def _without_launcher(trace: "Any") -> "Any":
    """Remove the frames of this file, which the program's own traceback would not have."""
    here = os.path.dirname(os.path.abspath(__file__))
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(here):
        trace = trace.tb_next
    return trace


if __name__ == "__main__":
    main(sys.argv[1:])
