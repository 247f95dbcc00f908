"""Reads from bytecode what a frame does at this moment, and which names its `for` loops set."""

import opcode

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import CodeType, FrameType
    from typing import Any

QUIET = ("JUMP_", "POP_JUMP_", "RESUME", "STORE_FAST", "LOAD_FAST", "NOP")
"""The beginnings of names of instructions that call nothing."""
_targets: "dict[CodeType, frozenset[str]]" = {}


def place_of(frame: "FrameType | None") -> str:
    """Return where a thread is, as a hash of the instructions in all its frames."""
    places: "list[Any]" = []
    while frame is not None:
        places.append((frame.f_code.co_filename, frame.f_code.co_firstlineno, frame.f_lasti))
        frame = frame.f_back
    return "%08x" % (hash(tuple(places)) & 0xFFFFFFFF)


def is_between_calls(frame: "FrameType") -> bool:
    """Return whether an instruction ended that calls nothing: no call in C is going on."""
    code = frame.f_code.co_code
    name = opcode.opname[code[frame.f_lasti]] if 0 <= frame.f_lasti < len(code) else ""
    return name.startswith(QUIET)


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
