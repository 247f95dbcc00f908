"""Reads from bytecode what a frame does at this moment, and which names its `for` loops set."""

import opcode
import sys
from opcode import stack_effect

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType

QUIET = ("JUMP_", "POP_JUMP_", "RESUME", "STORE_FAST", "LOAD_FAST", "NOP")
"""The beginnings of names of instructions that call nothing."""
CALLING = ("LOAD_ATTR", "LOAD_METHOD", "FOR_ITER", "SEND", "YIELD_", "BINARY_SUBSCR", "STORE_")
"""The beginnings of names of instructions that may call one function of Python, none of C's."""
RESUMING = ("FOR_ITER", "SEND", "YIELD_")
"""The beginnings of names of instructions that may go on with a generator."""
EXHAUSTING = frozenset(["sum", "list", "tuple", "set", "frozenset", "max", "min", "any", "all"])
"""Functions in C that end with the generator that they read, and hold no place of their own."""
COMPARING = ("__eq__", "__hash__")
"""Functions that a search in a dictionary may call any number of times."""
SKIPPED = frozenset(["CACHE", "EXTENDED_ARG", "NOP", "NOT_TAKEN"])
ANNOUNCING = ("PRECALL", "KW_NAMES")
"""Instructions that belong to the call after them."""
_targets: "dict[CodeType, frozenset[str]]" = {}


def is_between_calls(frame: "FrameType") -> bool:
    """Return whether an instruction ended that calls nothing: no call in C is going on."""
    code = frame.f_code.co_code
    name = opcode.opname[code[frame.f_lasti]] if 0 <= frame.f_lasti < len(code) else ""
    return name.startswith(QUIET)


def is_call_of(caller: "FrameType", called: "CodeType") -> bool:
    """Return whether an instruction calls a function of Python for sure, and not by way of C.

    It does where the function has the name by which the instruction found it.
    """
    code = caller.f_code
    instructions = _instructions(code, caller.f_lasti)
    if not instructions:
        return False
    name, argument, _ = instructions.pop()
    if not name.startswith("CALL"):
        return name.startswith(CALLING) and called.co_name not in COMPARING
    return _name_of_called(code, instructions, _arguments(name, argument)) == called.co_name


def is_resumed_by(caller: "FrameType") -> bool:
    """Return whether an instruction goes on with a generator, with no end of its own in C."""
    code = caller.f_code
    instructions = _instructions(code, caller.f_lasti)
    name, argument, _ = instructions.pop() if instructions else ("", 0, 0)
    if not name.startswith("CALL"):
        return name.startswith(RESUMING)
    return _name_of_called(code, instructions, _arguments(name, argument)) in EXHAUSTING


def _instructions(code: "CodeType", last: int) -> "list[tuple[str, int, int]]":
    """Return the instructions up to an offset: their names, arguments and effects on the stack."""
    found: "list[tuple[str, int, int]]" = []
    bytes_ = code.co_code
    extended = 0
    for index in range(0, min(last + 1, len(bytes_) - 1), 2):
        number, argument = bytes_[index], bytes_[index + 1] | extended
        name = opcode.opname[number]
        extended = argument << 8 if name == "EXTENDED_ARG" else 0
        if name not in SKIPPED:
            takes = number >= opcode.HAVE_ARGUMENT
            found.append((name, argument, stack_effect(number, argument if takes else None)))
    return found


def _arguments(name: str, argument: int) -> int:
    """Return how many values a call finds above its function."""
    if name == "CALL_FUNCTION_EX":
        return 1 + (argument & 1)
    return argument + name.endswith("_KW")


def _name_of_called(
    code: "CodeType", instructions: "list[tuple[str, int, int]]", arguments: int
) -> str:
    """Return the name of the function that was put on the stack below these arguments, if any."""
    above = 0
    while instructions and instructions[-1][0] in ANNOUNCING:
        instructions.pop()
    for name, argument, effect in reversed(instructions):
        if above == arguments:
            if name != "PUSH_NULL":  # It may lie on either side of the function.
                return _name_loaded(code, name, argument)
        elif "JUMP" in name or "FOR_ITER" in name:
            break
        else:
            above += effect
    return ""


def _name_loaded(code: "CodeType", name: str, argument: int) -> str:
    held: "tuple[str, ...]" = ()
    if name.startswith("LOAD_FAST") and name.count("FAST") == 1:
        held = code.co_varnames
    elif name in ("LOAD_GLOBAL", "LOAD_NAME", "LOAD_ATTR", "LOAD_METHOD"):
        held = code.co_names
        flags = {"LOAD_GLOBAL": (3, 11), "LOAD_ATTR": (3, 12)}
        argument >>= name in flags and sys.version_info >= flags[name]
    return held[argument] if argument < len(held) else ""


def for_targets(code: "CodeType") -> "frozenset[str]":
    """Return the names that the `for` loops of a code set."""
    known = _targets.get(code)
    if known is None:
        known = _targets[code] = frozenset(_names_set(code))
    return known


def _names_set(code: "CodeType") -> "list[str]":
    names: "list[str]" = []
    instructions = code.co_code
    open_targets = 0
    for index in range(0, len(instructions) - 1, 2):
        name, argument = opcode.opname[instructions[index]], instructions[index + 1]
        if name == "FOR_ITER":
            open_targets = 1
        elif name == "UNPACK_SEQUENCE" and open_targets:
            open_targets += argument - 1
        elif name.startswith("STORE_") and open_targets:
            names.append(_name_of(code, name, argument))
            open_targets -= 1
        elif name not in ("CACHE", "EXTENDED_ARG", "NOT_TAKEN", "NOP"):
            open_targets = 0
    return names


def _name_of(code: "CodeType", name: str, argument: int) -> str:
    held: "tuple[str, ...]" = code.co_names
    if name.startswith("STORE_FAST"):
        held = code.co_varnames
        argument = argument >> 4 if name.count("FAST") > 1 else argument
    elif name == "STORE_DEREF":
        return ""
    return held[argument] if argument < len(held) else ""
