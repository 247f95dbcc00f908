"""Reads the functions that are being run: where each one is, and its variables."""

import opcode
import sys

from trainwreck_agent.state_kinds import HERE, Pending, Space

OPTIMIZED = 1
LOOKING_BACK = frozenset(["locals", "vars", "eval", "exec", "dir", "_getframe", "currentframe"])
BLOCKS = {opcode.opmap[name]: name for name in ("FOR_ITER", "SETUP_WITH") if name in opcode.opmap}
JUMP = 2 if sys.version_info >= (3, 10) else 1


def running(frame, spaces):
    """Of each function that is being run, innermost first: where it is, and its variables.

    ``spaces`` are the ids of the dictionaries that are visited as modules.
    """
    found = []
    while frame is not None:
        code = frame.f_code
        if not _is_ours(frame.f_globals, code):
            found += [code.co_name, code.co_firstlineno, frame.f_lineno]
            found += [Pending(kind) for kind in _pending(frame)]
            found.append(_variables(frame, spaces))
        frame = frame.f_back
    if len(sys._current_frames()) > 1:
        found.append(Pending("running thread"))
    return found


def _variables(frame, spaces):
    """Reading them would change a dictionary that the function got of them before 3.13."""
    if id(frame.f_globals) in spaces and frame.f_code.co_name == "<module>":
        return None
    if LOOKING_BACK.intersection(frame.f_code.co_names) and sys.version_info < (3, 13):
        return Pending("function that asks for its variables")
    return Space(_copied(frame), "")


def _is_ours(names, code):
    """Code of the agent, or of the import system that it changes."""
    name = names.get("__name__")
    top = name.split(".")[0] if type(name) is str else ""
    return code.co_filename.startswith(HERE) or top in ("runpy", "importlib", "_frozen_importlib")


def _copied(frame):
    """A frame's variables, leaving behind no reference to them."""
    code = frame.f_code
    if not code.co_flags & OPTIMIZED:
        return frame.f_locals if type(frame.f_locals) is dict else {}
    if sys.version_info >= (3, 13):
        return dict(frame.f_locals)
    names = frame.f_locals
    found = dict(names)
    names.clear()
    return found


def _pending(frame):
    """What a running function has not yet used or left, and keeps where nobody can look."""
    code, now, argument = frame.f_code, frame.f_lasti, 0
    for offset in range(0, max(now, 0), 2):
        operation = code.co_code[offset]
        argument = argument << 8 | code.co_code[offset + 1]
        if operation == opcode.EXTENDED_ARG:
            continue
        if operation in BLOCKS and now < offset + 4 + argument * JUMP:
            yield "%s around the phase" % BLOCKS[operation]
        argument = 0
    if any(start <= now < end and depth for start, end, depth in _protected(code)):
        yield "SETUP_WITH around the phase"


def _protected(code):
    """(start, end, depth of the stack) of each entry in a code's table of exceptions."""
    numbers, number = [], 0
    for byte in getattr(code, "co_exceptiontable", b""):
        number = number << 6 | byte & 63
        if not byte & 64:
            numbers.append(number)
            number = 0
    entries = zip(*[iter(numbers)] * 4)
    for start, length, _target, depth in entries:
        yield start * 2, (start + length) * 2, depth >> 1
