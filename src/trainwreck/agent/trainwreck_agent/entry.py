"""Runs the file or module that a process was started for, and lets the guest see its end."""

import builtins
import contextlib
import os
import runpy
import sys
import types
from importlib.machinery import BuiltinImporter, SourceFileLoader
from importlib.util import MAGIC_NUMBER

from trainwreck_agent.command_line import FILE, MODULE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trainwreck_agent.guest import Guest

_AGENT = os.path.dirname(os.path.abspath(__file__))


def launch(arguments: "list[str]", guest: "Guest") -> None:
    """Run the program as ``python`` and these words would, to its end.

    They are a file, a folder or an archive, ``-m`` and a module, or ``-c`` and a text.
    """
    run_module = runpy._run_module_as_main  # type: ignore[attr-defined]
    first = arguments[0]
    sys.argv = arguments
    if first == "-m":
        sys.argv = ["-m"] + arguments[2:]
        _search_first("" if sys.version_info < (3, 7) else os.getcwd())
        sys.modules["__main__"] = _new_main()
        watch(lambda: run_module(arguments[1]), guest)
    elif first == "-c":
        sys.argv = ["-c"] + arguments[2:]
        _search_first("")
        watch(lambda: _run_text(arguments[1]), guest)
    elif _holds_modules(first):
        folder = first if sys.version_info < (3, 9) else os.path.join(os.getcwd(), first)
        _search_first(folder, always=True)
        sys.modules["__main__"] = _new_main()
        watch(lambda: run_module("__main__", False), guest)
    else:
        _search_first(os.path.dirname(os.path.realpath(first)))
        watch(lambda: run_file(first, guest), guest)


def _search_first(folder: str, always: bool = False) -> None:
    """Search for modules in a folder instead of the launcher's; with ``-P`` in neither."""
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = folder
    elif always:
        sys.path.insert(0, folder)


def _holds_modules(path: str) -> bool:
    """Return whether modules can be imported from a path: it is a folder or an archive."""
    for hook in sys.path_hooks:
        try:
            hook(path)
        except ImportError:
            continue
        return True
    return False


def _run_text(text: str) -> None:
    """Replace ``__main__`` with a module that has no file, and run a text in it."""
    module = _new_main()
    module.__loader__ = BuiltinImporter
    sys.modules["__main__"] = module
    if sys.version_info >= (3, 13):
        import linecache

        # Tracebacks show lines of the text.
        lines = text.splitlines(True)
        linecache.cache["<string>"] = (len(text), None, lines, "<string>")
    exec(compile(text + "\n", "<string>", "exec", dont_inherit=True), module.__dict__)


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
        return guest.overlay.code_of(entry, "__main__", path)
    with open(path, "rb") as file:
        return compile(file.read(), path, "exec", dont_inherit=True)


def without_agent(trace: "Any") -> "Any":
    """Remove the agent's first frames, which the program's own traceback would not have."""
    while trace is not None and trace.tb_frame.f_code.co_filename.startswith(_AGENT):
        trace = trace.tb_next
    return trace
