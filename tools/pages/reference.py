"""The reference pages of the site, from the declarations in the code; mkdocs asks for them.

`python tools/pages/reference.py NAME` prints one of them.
"""

import inspect
import re
import sys
import types
import typing
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, get_args

import msgspec

import trainwreck
from trainwreck.cli.arguments import Argument, Command
from trainwreck.cli.commands import ABOUT, COMMANDS, SHARED
from trainwreck.exchange import records
from trainwreck.operators import all_operators
from trainwreck.operators.base import Operator

SCHEMA = Path(trainwreck.__file__).parent / "store" / "schema.sql"
RECORDS: tuple[type[msgspec.Struct], ...] = (
    records.SubjectRecord,
    records.MetricRecord,
    records.ContainmentRecord,
    records.CleanRecord,
    records.MutantRecord,
    records.RunRecord,
    records.ErrorRecord,
)
TABLE = re.compile(r"((?:^--[^\n]*\n)*)^CREATE TABLE (\w+) \((.*?)^\)", re.MULTILINE | re.DOTALL)
COLUMN = re.compile(r"^ {4}([a-z_0-9]+)\s+([A-Z]+(?: NOT NULL)?)([^\n]*)$", re.MULTILINE)


def commands_page() -> str:
    """Return the page of all commands with their arguments."""
    shared = _table(("option", "meaning"), _argument_rows(SHARED))
    head = [
        "# Commands",
        ABOUT,
        "Options that commands share stand before the command or after it; the one after it wins.",
        shared,
    ]
    return _joined([*head, *map(_command, COMMANDS)])


def _command(command: Command) -> str:
    parts = [f"## `trainwreck {command.name}`", command.help, _escaped(command.details)]
    if command.arguments:
        parts.append(_table(("argument", "meaning"), _argument_rows(command.arguments)))
    names = ", ".join(f"`{argument.name}`" for argument in command.shared)
    parts += [f"Shared options: {names}." if names else "", f"```\n{command.example}\n```"]
    return _joined(parts)


def _argument_rows(arguments: Iterable[Argument]) -> Iterator[tuple[str, str]]:
    for argument in arguments:
        more = " May be repeated." if argument.repeated and "epeat" not in argument.help else ""
        yield f"`{argument.usage}`", _escaped(argument.help) + more


def operators_page() -> str:
    """Return the page of the operators with their examples."""
    head = [
        "# Operators",
        "An operator makes one kind of small bug. Its examples are also its test: from the first "
        "text it makes exactly the others, in this order.",
    ]
    return _joined([*head, *map(_operator, all_operators())])


def _operator(operator: Operator) -> str:
    rows = [
        (_code(source), "<br>".join(map(_code, mutants)) if mutants else "nothing")
        for source, mutants in operator.examples
    ]
    family = f"Family `{operator.family}`: {operator.title}."
    return _joined([f"## `{operator.name}`", family, _table(("from", "makes"), rows)])


def _code(text: str) -> str:
    """Return source text for a cell of a table, its lines one below the other."""
    lines = text.rstrip("\n").split("\n")
    return "<br>".join(f"`` {line.replace('|', chr(92) + '|')} ``" for line in lines)


def formats_page() -> str:
    """Return the page of the records of an export, and of the tables of a campaign."""
    head = [
        "# File formats",
        "## An export",
        "`trainwreck export` writes JSON lines; `kind` is first in each. `import` reads them, and "
        "records of other tools, which need only a few of the fields ([records](../records.md)).",
    ]
    tables = [
        "## The campaign file",
        "`.trainwreck/campaign.sqlite` is a SQLite database of format "
        f"{_format()}. Read it with any program, also while a campaign runs; only trainwreck "
        "writes it. It holds facts: symptoms, rungs and verdicts are computed from them.",
    ]
    return _joined([*head, *map(_record, RECORDS), *tables, *_schema_tables()])


def _record(record: type[msgspec.Struct]) -> str:
    rows = [
        (f"`{field.encode_name}`", _type_name(field.type), _default(field))
        for field in msgspec.structs.fields(record)
    ]
    kinds = {noun: kind for kind, noun in records.RECORD_KINDS.items()}
    title = f'`"kind":"{kinds[record]}"`' if record in kinds else f"`{record.__name__}`"
    table = _table(("field", "type", "without it"), rows)
    return _joined([f"### {title}", _prose(record), table])


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "required"
    value = field.default
    if value is msgspec.NODEFAULT:
        return "empty"
    return "unknown" if value is None else f"`{value}`" if value not in ("", (), {}) else "empty"


def _type_name(kind: Any) -> str:
    """Return a type in words that need no knowledge of Python."""
    if isinstance(kind, types.UnionType) or typing.get_origin(kind) is typing.Union:
        return " or ".join(_type_name(part) for part in get_args(kind) if part is not type(None))
    origin, arguments = typing.get_origin(kind), get_args(kind)
    if origin is typing.Annotated:
        return _type_name(arguments[0])
    if origin is tuple:
        inner = [part for part in arguments if part is not ...]
        return f"list of {_type_name(inner[0])}"
    if origin is dict:
        return f"object of {_type_name(arguments[1])}"
    names = {str: "text", int: "whole number", float: "number", bool: "true or false"}
    if kind in names:
        return names[kind]
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return f"`{kind.__name__}`"
    return " or ".join(f"`{member.value}`" for member in kind)


def _format() -> int:
    from trainwreck.store.campaign_file import SCHEMA_VERSION

    return SCHEMA_VERSION


def _schema_tables() -> Iterator[str]:
    for comment, name, body in TABLE.findall(SCHEMA.read_text(encoding="utf-8")):
        lines = [line.removeprefix("--").strip() for line in comment.splitlines()]
        columns = [
            (f"`{column}`", kind, rest.partition("--")[2].strip())
            for column, kind, rest in COLUMN.findall(body)
        ]
        has_remarks = any(remark for *_, remark in columns)
        head: tuple[str, ...] = ("column", "type", "meaning")
        rows: list[tuple[str, ...]] = list(columns)
        if not has_remarks:
            head, rows = head[:2], [row[:2] for row in columns]
        yield _joined([f"### `{name}`", _escaped(" ".join(lines)), _table(head, rows)])


def api_page() -> str:
    """Return the page of the public names of the package."""
    from trainwreck import Campaign
    from trainwreck.campaign.results import Results

    head = [
        "# Python",
        "`trainwreck.open(folder)` reads the results of a campaign. `trainwreck.Campaign` does "
        "what the commands do, and is typed. Frames need the extra `frames`, figures `report`.",
        _callable("trainwreck.open", trainwreck.open, "##"),
    ]
    return _joined([*head, _class(Campaign), _class(Results)])


def _class(noun: type) -> str:
    members = [
        (name, member)
        for kind in noun.__mro__
        for name, member in vars(kind).items()
        if not name.startswith("_") and _is_method(member)
    ]
    return _joined(
        [f"## `{noun.__name__}`", _prose(noun), *(_member(name, item) for name, item in members)]
    )


def _is_method(member: object) -> bool:
    return isinstance(member, classmethod | property | types.FunctionType) or hasattr(
        member, "attrname"
    )


def _member(name: str, member: Any) -> str:
    if isinstance(member, property) or hasattr(member, "attrname"):
        function = getattr(member, "fget", None) or member.func
        return _joined([f"### `{name}`", _prose(function)])
    return _callable(name, getattr(member, "__func__", member), "###")


def _callable(name: str, function: Callable[..., Any], level: str) -> str:
    signature = str(inspect.signature(function)).replace("'", "")
    signature = re.sub(r"\((self|cls)(, )?", "(", signature)
    text = f"{name}{signature}"
    if len(text) > 88:
        text = re.sub(r", (?=\w+:|\*)", ",\n    ", text).replace("(", "(\n    ", 1)
    return _joined([f"{level} `{name}`", f"```python\n{text}\n```", _prose(function)])


def _prose(item: Any) -> str:
    """Return a docstring as Markdown: its sections as lists."""
    text = inspect.getdoc(item) or ""
    text = text.replace("``", "`")
    text = re.sub(r"(?m)^(Args|Returns|Raises|Attributes|Yields):\n", r"\n**\1**\n\n", text)
    text = re.sub(r"(?m)^    (\w[\w, ]*): ", r"- `\1`: ", text)
    return re.sub(r"(?m)^    (?=\S)", "", text)  # Markdown would take it for code.


def _escaped(text: str) -> str:
    """Return text in which no square bracket or star begins a link or a list."""
    return text.replace("[[", "\\[[").replace("[", "\\[") if "[" in text else text


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    lines = [" | ".join(head), "|".join(["---"] * len(head)), *(" | ".join(row) for row in rows)]
    return "\n".join(f"| {line} |" for line in lines)


def _joined(parts: Iterable[str]) -> str:
    return "\n\n".join(part for part in parts if part)


PAGES: dict[str, Callable[[], str]] = {
    "commands": commands_page,
    "operators": operators_page,
    "formats": formats_page,
    "python": api_page,
}
"""Each page by its name in the folder `reference` of the site."""


if __name__ == "__main__":
    print(PAGES[sys.argv[1]]())
