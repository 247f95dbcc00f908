"""Lets functions of the agent pass for parts of the interpreter in tracebacks."""

import types

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, TypeVar

    Function = TypeVar("Function", bound=Callable[..., Any])

IMPORTING = "<frozen importlib._bootstrap_external>"


def as_part_of_importing(function: "Function") -> "Function":
    """Give a function's code the file name of the interpreter's own import system.

    The interpreter removes the frames of that file from the traceback of an import that fails.
    """
    code: "Any" = function.__code__
    function.__code__ = _renamed(code)
    return function


def _renamed(code: "Any") -> "types.CodeType":
    if hasattr(code, "replace"):
        renamed: types.CodeType = code.replace(co_filename=IMPORTING)
        return renamed
    create: "Any" = types.CodeType  # Python 3.7 and older.
    older: types.CodeType = create(
        code.co_argcount,
        code.co_kwonlyargcount,
        code.co_nlocals,
        code.co_stacksize,
        code.co_flags,
        code.co_code,
        code.co_consts,
        code.co_names,
        code.co_varnames,
        IMPORTING,
        code.co_name,
        code.co_firstlineno,
        code.co_lnotab,
        code.co_freevars,
        code.co_cellvars,
    )
    return older
