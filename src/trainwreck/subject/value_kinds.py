"""The kinds of values in ``trainwreck.toml``: how each is checked, and its JSON schema."""

import difflib
import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import PurePosixPath
from typing import Any

from trainwreck.model import RULES_IN_USE, Better, DrawMethod, Level, Margin, Rule, Stream, Which
from trainwreck.model.start import Start
from trainwreck.operators import all_operators, families

Schema = Mapping[str, Any]
SIZE_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30}
LONGEST_VALUE = 80
"""Messages show no more characters of a value."""
LEAST_SIZE = 1 << 20
SIZE_FORM = r"(\d+(?:\.\d+)?)\s*([KMG]?)i?B?"
MARK_FORM = r".+:0*[1-9][0-9]*"
FUNCTION_IN_FILE = re.compile(r"(.+\.py):([A-Za-z_]\w*)")


class Mistake(Exception):
    """A value that cannot be used; ``hint`` is empty where an example says enough."""

    def __init__(self, problem: str, hint: str = "") -> None:
        super().__init__(problem)
        self.problem = problem
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of values.

    ``name`` completes "must be …". ``read`` returns a value as the settings hold it. It raises
    ValueError for a value of another kind, and Mistake where it knows more about the problem.
    """

    name: str
    read: Callable[[Any], Any]
    schema: Schema

    def check(self, value: object) -> Any:
        """Return the value as the settings hold it. Raises Mistake."""
        try:
            return self.read(value)
        except (ValueError, OverflowError):
            raise Mistake(f"must be {self.name}, not {_shown(value)}") from None


def toml(value: object) -> str:
    """Return a value of a settings file, tables apart, as TOML writes it."""
    if isinstance(value, list):
        return f"[{', '.join(map(toml, value))}]"
    if isinstance(value, str | bool):
        return json.dumps(value, ensure_ascii=False)
    return str(value)


def _shown(value: object) -> str:
    if isinstance(value, dict):
        return "a table"
    text = toml(value)
    return f"`{text}`" if len(text) <= LONGEST_VALUE else f"`{text[:LONGEST_VALUE]}…`"


def suggestion(name: str, names: Iterable[str]) -> str:
    """Return ": did you mean …?" for the name that is nearest, or nothing."""
    by_lower = {other.lower(): other for other in names}
    near = difflib.get_close_matches(name.lower(), by_lower, 1)
    return f": did you mean `{by_lower[near[0]]}`?" if near else ""


def _require(condition: object) -> None:
    if not condition:
        raise ValueError


def _text(value: Any) -> str:
    _require(isinstance(value, str))
    return str(value)


def _flag(value: Any) -> bool:
    _require(isinstance(value, bool))
    return bool(value)


def _whole(least: int, value: Any) -> int:
    _require(isinstance(value, int) and not isinstance(value, bool) and value >= least)
    return int(value)


def _gpus(value: Any) -> float:
    _require(_is_number(value) and value >= 0 and (value <= 1 or value == int(value)))
    return float(value)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


_BOUNDS: dict[str, tuple[Callable[[float, float], bool], str]] = {
    "above": (operator.gt, "exclusiveMinimum"),
    "at_least": (operator.ge, "minimum"),
    "below": (operator.lt, "exclusiveMaximum"),
    "at_most": (operator.le, "maximum"),
}
"""The comparison with each kind of bound, and the bound's name in a JSON schema."""


def _number(bounds: Mapping[str, float], value: Any) -> float:
    _require(_is_number(value))
    _require(all(_BOUNDS[word][0](value, bound) for word, bound in bounds.items()))
    return float(value)


def _texts(value: Any) -> tuple[str, ...]:
    _require(isinstance(value, list) and value and all(isinstance(item, str) for item in value))
    return tuple(value)


def _function(value: Any) -> str:
    text = _text(value)
    match = FUNCTION_IN_FILE.fullmatch(text)
    path = PurePosixPath(match[1]) if match else None
    if path is None or path.is_absolute() or ".." in path.parts:
        raise Mistake(
            f"must name a function of the program as `FILE.py:NAME`, but is `{text}`",
            "Write, for example, `monitors.py:loss_explodes`.",
        )
    return text


def _patterns(value: Any) -> tuple[str, ...]:
    for pattern in _texts(value):
        path = PurePosixPath(pattern)
        if path.is_absolute() or ".." in path.parts or not path.parts:
            raise Mistake(
                f"must hold paths inside the folder of the program, but `{pattern}` is none",
                "Write, for example, `runs/*.npz`.",
            )
    return _texts(value)


def _names(what: str, names: Callable[[], Iterable[str]], value: Any) -> tuple[str, ...]:
    """Return the named ones in their own order. Raises Mistake for an unknown name."""
    _require(isinstance(value, list) and all(isinstance(item, str) for item in value))
    usable = tuple(names())
    for name in value:
        if name not in usable:
            problem = f"has the unknown {what} `{name}`{suggestion(name, usable)}"
            raise Mistake(problem, f"Choose from {', '.join(usable)}.")
    return tuple(name for name in usable if name in value)


def _some_names(what: str, names: Callable[[], Iterable[str]], value: Any) -> tuple[str, ...]:
    _require(value)
    return _names(what, names, value)


def _rules(value: Any) -> tuple[Rule, ...]:
    """Return the rules in their own order; those that no longer exist may still be named."""
    removed = [rule for rule in Rule if rule not in RULES_IN_USE]
    _require(isinstance(value, list) and all(isinstance(item, str) for item in value))
    _names("rule", lambda: RULES_IN_USE, [name for name in value if name not in removed])
    return tuple(rule for rule in Rule if rule in value)


def _tables(value: Any) -> tuple[dict[str, Any], ...]:
    _require(isinstance(value, list) and value and all(isinstance(item, dict) for item in value))
    return tuple(value)


def _table_of_texts(value: Any) -> tuple[tuple[str, str], ...]:
    _require(isinstance(value, dict))
    for name, text in value.items():
        if not isinstance(text, str):
            raise Mistake(f"must map names to strings, but `{name}` is {_shown(text)}")
    return tuple(sorted(value.items()))


def _size(key: str, value: Any) -> int:
    _require(isinstance(value, str | int) and not isinstance(value, bool))
    match = re.fullmatch(SIZE_FORM, str(value).strip())
    _require(match and float(match[1]) > 0)
    assert match is not None
    size = int(float(match[1]) * SIZE_UNITS[match[2]])
    if size < LEAST_SIZE:
        hint = f'Write a unit, for example `{key} = "{match[1]}G"`.'
        raise Mistake(f"is {size:,} bytes, which is less than any run needs", hint)
    return size


def _folders(value: Any) -> tuple[str, ...]:
    """Return paths of folders. Raises Mistake for the root of the file system."""
    for text in _texts(value):
        if not text.strip("/ "):
            problem = f"must not hold `{text}`: nothing would be kept from the program"
            raise Mistake(problem, "Name the folders that the program writes to, one by one.")
    return _texts(value)


def _margin(value: Any) -> Margin:
    _require(isinstance(value, str) or _is_number(value))
    return Margin.read(value)


def _range(value: Any) -> tuple[float, float]:
    _require(isinstance(value, list) and len(value) == 2 and all(map(_is_number, value)))
    low, high = map(float, value)
    _require(low < high)
    return low, high


def _pattern(value: Any) -> str:
    try:
        groups = re.compile(_text(value)).groups
    except re.error as error:
        hint = "Correct the pattern; write it in single quotes, so that backslashes stay."
        raise Mistake(f"is no regular expression: {error}", hint) from None
    if groups != 1:
        raise Mistake(
            f"must have exactly one group, around the number; it has {groups or 'none'}",
            "Put parentheses around the number; write further groups as (?:…).",
        )
    return str(value)


def _written_file(value: Any) -> str:
    """Return the path of a file inside the program's folder. Raises Mistake for another one."""
    path = PurePosixPath(_text(value))
    if path.is_absolute() or ".." in path.parts or str(value).startswith("~"):
        raise Mistake(
            f"must be inside the folder of the program, not `{value}`",
            "Make the program write below its working directory, which each run has for itself.",
        )
    return str(value)


def _mark(value: Any) -> tuple[str, int]:
    _require(isinstance(value, str) and re.fullmatch(MARK_FORM, value, re.ASCII))
    file, _, line = str(value).rpartition(":")
    return file, int(line)


def whole(least: int) -> Kind:
    """Return the kind of whole numbers from ``least`` on."""
    schema = {"type": "integer", "minimum": least}
    return Kind(f"a whole number of at least {least}", partial(_whole, least), schema)


def number(what: str = "a number", **bounds: float) -> Kind:
    """Return the kind of numbers within bounds: ``above``, ``at_least``, ``below``, ``at_most``.

    Args:
        what: what the number is, for messages: "a number of seconds".
        bounds: the bounds. An upper bound keeps out infinity and NaN.

    """
    text = " and ".join(f"{word.replace('_', ' ')} {bound:,}" for word, bound in bounds.items())
    schema = {_BOUNDS[word][1]: bound for word, bound in bounds.items()}
    return Kind(f"{what}, {text}", partial(_number, bounds), {"type": "number", **schema})


def some_of(what: str, usable: Callable[[], Iterable[str]]) -> Kind:
    """Return the kind of lists of names, at least one, out of those that can be used."""
    items = {"enum": list(usable())}
    return Kind(
        f"a list of {what} names, with at least one",
        partial(_some_names, what, usable),
        {"type": "array", "items": items, "minItems": 1},
    )


def size(key: str) -> Kind:
    """Return the kind of sizes in bytes; ``key`` is the one that the example of a hint names."""
    number = {"type": "integer", "minimum": LEAST_SIZE}
    text = {"type": "string", "pattern": rf"^\s*{SIZE_FORM}\s*$"}
    name = 'a size like "4G" or a number of bytes'
    return Kind(name, partial(_size, key), {"anyOf": [number, text]})


def _operator_names() -> tuple[str, ...]:
    return tuple(registered.name for registered in all_operators())


_STRINGS = {"type": "string"}
TEXT = Kind("a string", _text, _STRINGS)
FUNCTION = Kind(
    "a Python file of the program and a function in it, as `FILE.py:NAME`",
    _function,
    {"type": "string", "pattern": f"^{FUNCTION_IN_FILE.pattern}$"},
)
FLAG = Kind("true or false", _flag, {"type": "boolean"})
TEXTS = Kind(
    "a list of strings, with at least one",
    _texts,
    {"type": "array", "items": _STRINGS, "minItems": 1},
)
PATTERNS = Kind(
    "a list of file names or patterns, with at least one",
    _patterns,
    {"type": "array", "items": _STRINGS, "minItems": 1},
)
FOLDERS = Kind(
    "a list of folders, with at least one",
    _folders,
    {"type": "array", "items": _STRINGS, "minItems": 1},
)
TABLE_OF_TEXTS = Kind(
    "a table of strings", _table_of_texts, {"type": "object", "additionalProperties": _STRINGS}
)
TABLES = Kind(
    "a list of tables, with at least one",
    _tables,
    {"type": "array", "items": {"type": "object"}, "minItems": 1},
)
OPERATORS = some_of("operator", _operator_names)
FAMILIES = some_of("family", families)
RULES = Kind("a list of rule names", _rules, {"type": "array", "items": {"enum": list(Rule)}})
LEVEL = Kind("`strict`, `copy` or `none`", Level, {"enum": list(Level)})
START = Kind("`cold` or `warm`", Start, {"enum": list(Start)})
DRAW = Kind("`stratified` or `paper`", DrawMethod, {"enum": list(DrawMethod)})
BETTER = Kind("`higher` or `lower`", Better, {"enum": list(Better)})
STREAM = Kind("`stdout` or `stderr`", Stream, {"enum": list(Stream)})
WHICH = Kind("`last`, `best` or `all`", Which, {"enum": list(Which)})
WRITTEN_FILE = Kind("the path of a file", _written_file, _STRINGS)
PATTERN = Kind("a regular expression with one group", _pattern, {"type": "string"})
RANGE = Kind(
    "two numbers, the smaller one first",
    _range,
    {"type": "array", "items": {"type": "number"}, "minItems": 2, "maxItems": 2},
)
MARGIN = Kind(
    'a number above 0, or a share like "2%"',
    _margin,
    {
        "anyOf": [
            {"type": "number", "exclusiveMinimum": 0},
            {"type": "string", "pattern": r"^\s*[0-9.]+([eE][+-]?[0-9]+)?\s*%?\s*$"},
        ]
    },
)
GPUS = Kind(
    "a whole number of GPUs, or a share of one such as 0.5",
    _gpus,
    {"anyOf": [{"type": "integer", "minimum": 0}, {"type": "number", "minimum": 0, "maximum": 1}]},
)
MARK = Kind(
    "a file and a line like `train.py:40`", _mark, {"type": "string", "pattern": f"^{MARK_FORM}$"}
)
