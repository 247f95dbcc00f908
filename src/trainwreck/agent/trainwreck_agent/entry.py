"""Runs the file or module that a process was started for, and lets the guest see its end."""

import builtins
import contextlib
import os
import runpy
import sys
import types
from importlib.machinery import SourceFileLoader
from importlib.util import MAGIC_NUMBER

from trainwreck_agent.command_line import FILE, MODULE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trainwreck_agent.guest import Guest

_AGENT = os.path.dirname(os.path.abspath(__file__))


def launch(arguments: "list[str]", guest: "Guest") -> None:
    """Run the program as ``python FILE …`` or ``python -m MODULE …`` would, to its end."""
    if arguments[0] == "-m":
        sys.argv = arguments[1:]
        sys.path[0] = os.getcwd()
        name = arguments[1]
        sys.argv[0] = "-m"
        sys.modules["__main__"] = _new_main()
        run_module = runpy._run_module_as_main  # type: ignore[attr-defined]
        watch(lambda: run_module(name), guest)
    else:
        sys.argv = arguments
        sys.path[0] = os.path.dirname(os.path.realpath(arguments[0]))
        watch(lambda: run_file(arguments[0], guest), guest)


def take_over(kind: str, name: str, guest: "Guest") -> None:
    """Run through the guest what this interpreter is about to run by itself.

    The interpreter compiles the file on its command line in C. Before that it asks
    ``sys.path_hooks`` whether the file is a folder or an archive; if it is, `runpy` runs it.
    """
    run_module = runpy._run_module_as_main  # type: ignore[attr-defined]
    hooks: "list[Any]" = sys.path_hooks

    def run(module: str, alter_argv: bool = True) -> None:
        runpy._run_module_as_main = run_module  # type: ignore[attr-defined]
        if hook in hooks:  # An archive, which another hook took.
            hooks.remove(hook)
        if _is_called_by_interpreter():
            watch(lambda: run_module(module, alter_argv), guest)
        else:
            run_module(module, alter_argv)

    def hook(path: str) -> object:
        if not _is_called_by_interpreter() or os.path.abspath(path) != os.path.abspath(name):
            raise ImportError("this hook answers the interpreter's first question only")
        hooks.remove(hook)

        def run_instead(_module: str, _alter_argv: bool = True) -> None:
            runpy._run_module_as_main = run_module  # type: ignore[attr-defined]
            _restore_path(path)
            watch(lambda: run_file(name, guest), guest)

        runpy._run_module_as_main = run_instead  # type: ignore[attr-defined]
        return guest

    if kind in (FILE, MODULE):
        runpy._run_module_as_main = run  # type: ignore[attr-defined]
    guest.overlay.reading = True  # Or this would be a reading of source by the program.
    if kind == FILE and _is_source(name):
        hooks.append(hook)
    guest.overlay.reading = False


def _is_called_by_interpreter() -> bool:
    """Return whether the caller's caller is no Python code, but the start of the interpreter."""
    return sys._getframe(1).f_back is None


def _is_source(path: str) -> bool:
    """Return whether the interpreter would read a regular file as source."""
    if not os.path.isfile(path) or path.endswith(".pyc"):
        return False
    with open(path, "rb") as file:
        return file.read(2) != MAGIC_NUMBER[:2]


def _restore_path(name: str) -> None:
    """Search for modules in the file's folder, not in the file itself."""
    sys.path_importer_cache[name] = None
    if sys.path and sys.path[0] == name:
        if getattr(sys.flags, "safe_path", False):
            del sys.path[0]
        else:
            sys.path[0] = os.path.dirname(os.path.realpath(name))


def watch(run: "Callable[[], object]", guest: "Guest") -> None:
    """Run the program to its end, and end with its own exit status."""
    try:
        run()
        guest.conclude()
    except SystemExit as error:
        if error.code in (None, 0):
            guest.conclude()
        else:
            guest.fail(type(error), error, error.__traceback__)
        raise
    except KeyboardInterrupt:
        raise
    except BaseException as error:
        guest.fail(type(error), error, error.__traceback__)
        error = error.with_traceback(without_agent(error.__traceback__))
        sys.excepthook(type(error), error, error.__traceback__)
        sys.exit(1)
    finally:
        # The interpreter flushes again, and reports what goes wrong then.
        with contextlib.suppress(Exception):
            sys.stdout.flush()


def run_file(name: str, guest: "Guest") -> None:
    """Replace ``__main__`` with a module made from a file, and run it."""
    module = _new_main()
    module.__file__ = os.path.abspath(name)
    if sys.version_info < (3, 15):
        setattr(module, "__cached__", None)
    module.__loader__ = SourceFileLoader("__main__", module.__file__)
    sys.modules["__main__"] = module
    exec(_code(os.path.realpath(name), guest), module.__dict__)


def _new_main() -> "types.ModuleType":
    module = types.ModuleType("__main__")
    module.__builtins__ = builtins  # type: ignore[attr-defined]
    if sys.version_info < (3, 14):
        module.__annotations__ = {}
    return module


def _code(path: str, guest: "Guest") -> "types.CodeType":
    entry = guest.overlay.entry_of(path)
    if entry is not None:
        return guest.overlay.code_of(entry, "__main__")
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def without_agent(trace: "Any") -> "Any":
    """Remove the agent's first frames, which the program's own traceback would not have."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_AGENT):
        trace = trace.tb_next
    return trace
