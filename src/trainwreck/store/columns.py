"""Columns of tables: what each holds, and how its values are written and read."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass
from enum import Enum
from types import UnionType
from typing import Annotated, Any, ClassVar, Union, get_args, get_origin, get_type_hints

import msgspec
from msgspec import Meta, Struct

Convert = Callable[[Any], Any]
UNIONS = (Union, UnionType)

Int = Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
"""An integer that SQLite can hold."""

Flag = Annotated[int, Meta(ge=0, le=1)]
"""A truth value, which SQLite holds as an integer."""


@dataclass(frozen=True)
class Json:
    """Marks a column whose text is JSON of a type.

    Dataclasses are written as arrays. They may be in tuples and optional, not in dictionaries.
    """

    kind: Any


@dataclass(frozen=True)
class Paths:
    """Marks a column that may name files of this machine, which no export holds."""


class TableRow(Struct, forbid_unknown_fields=True):
    """One row of a table: its fields are the columns, in their order.

    A subclass names its table, and an order of the rows that is the same on every machine.
    """

    table: ClassVar[str]
    order: ClassVar[str]

    @classmethod
    def columns(cls) -> tuple[str, ...]:
        """Return the names of the columns."""
        return cls.__struct_fields__

    @classmethod
    def marks(cls, mark: type) -> dict[str, Any]:
        """Return the marks of one kind, by column."""
        return {
            name: annotation
            for name, hint in get_type_hints(cls, include_extras=True).items()
            if get_origin(hint) is Annotated
            for annotation in hint.__metadata__
            if isinstance(annotation, mark)
        }


class JsonText:
    """Writes values of one type as JSON, and reads them."""

    def __init__(self, kind: Any) -> None:
        self._plain = _plain(kind)
        self._decoder = msgspec.json.Decoder(self._plain)
        self._build = _builder(kind)

    def encode(self, value: Any) -> str:
        """Return the text for a value."""
        return json.dumps(_as_arrays(value))

    def decode(self, text: str) -> Any:
        """Return the value of a text. Raises ValueError where it holds another type."""
        try:
            plain = self._decoder.decode(text)
        except ValueError:
            # Python writes NaN and halves of surrogate pairs, which msgspec does not read.
            plain = msgspec.convert(json.loads(text), self._plain)
        return self._build(plain) if self._build else plain


class Columns:
    """Some columns of a table, in the order in which statements name them."""

    def __init__(self, table: type[TableRow], *names: str) -> None:
        hints = get_type_hints(table, include_extras=True)
        codecs = [_codec(hints[name]) for name in names]
        self.names = names
        self.sql = ", ".join(names)
        self.places = ", ".join("?" * len(names))
        self._encoders = [encode for encode, _ in codecs]
        # Most columns hold their values as they are.
        self._decoders = [(at, decode) for at, (_, decode) in enumerate(codecs) if decode]

    def sql_of(self, table: str) -> str:
        """Return the names with that of the table, for statements about several tables."""
        return ", ".join(f"{table}.{name}" for name in self.names)

    def encode(self, *values: Any) -> list[Any]:
        """Return the values as SQLite holds them."""
        return [
            value if encode is None or value is None else encode(value)
            for encode, value in zip(self._encoders, values, strict=True)
        ]

    def decode(self, row: Sequence[Any]) -> list[Any]:
        """Return the values that a row holds. Raises ValueError for JSON of another type."""
        values = list(row)
        if len(values) != len(self.names):
            raise ValueError(f"{len(values)} values for {len(self.names)} columns")
        for at, decode in self._decoders:
            if values[at] is not None:
                values[at] = decode(values[at])
        return values


def decoder(table: type[TableRow], name: str) -> Convert:
    """Return the function that reads the values of one column."""
    _, decode = _codec(get_type_hints(table, include_extras=True)[name])
    assert decode is not None
    return decode


def _codec(hint: Any) -> tuple[Convert | None, Convert | None]:
    """Return how values of a column are written and read; None where they stay as they are."""
    if hint == Flag:
        return int, bool
    marks = hint.__metadata__ if get_origin(hint) is Annotated else ()
    for mark in marks:
        if isinstance(mark, Json):
            text = JsonText(mark.kind)
            return text.encode, text.decode
    if isinstance(hint, type) and issubclass(hint, Enum):
        return str, _member_of(hint)
    return (whole_text, None) if str in (hint, *get_args(hint)) else (None, None)


def _member_of(kind: type[Enum]) -> Convert:
    """Return the function from a text to the member with this value. It raises ValueError."""
    # A look-up takes a fifth of the time of a call of the class.
    members = {member.value: member for member in kind}
    return lambda text: members.get(text) or kind(text)


def whole_text(text: str) -> str:
    """Return a text that SQLite can hold: half of a surrogate pair as its escape."""
    return text if text.isascii() else text.encode("utf-8", "backslashreplace").decode("utf-8")


def _plain(kind: Any) -> Any:
    """Return the type of the JSON of a type: dataclasses are arrays of their fields."""
    if isinstance(kind, type) and is_dataclass(kind):
        return _array_type(kind)
    origin, inner = get_origin(kind), get_args(kind)
    if get_origin(kind) in UNIONS:
        return _plain(inner[0]) | None
    return origin[tuple(map(_plain, inner))] if origin else kind


def _array_type(kind: type) -> Any:
    """Return the type of a dataclass as an array, which may lack fields that were added later."""
    hints = get_type_hints(kind)
    kinds = {field.name: _plain(hints[field.name]) for field in fields(kind)}
    added = _added(kind)
    if not added:
        return tuple[tuple(kinds.values())]  # type: ignore[misc]
    wanted = [(name, plain) for name, plain in kinds.items() if name not in added]
    optional = [(name, kinds[name], default) for name, default in added.items()]
    return msgspec.defstruct(
        kind.__name__, [*wanted, *optional], array_like=True, forbid_unknown_fields=True
    )


def _added(kind: Any) -> dict[str, Any]:
    """Return the defaults of the last fields of a dataclass that are marked as added."""
    return {field.name: field.default for field in fields(kind) if field.metadata.get("added")}


def _builder(kind: Any) -> Convert | None:
    """Return the function from plain values to a type; None where they are that already."""
    if isinstance(kind, type) and is_dataclass(kind):
        hints = get_type_hints(kind)
        return _dataclass_builder(kind, [_builder(hints[field.name]) for field in fields(kind)])
    inner = get_args(kind)
    build = _builder(inner[0]) if inner else None
    if build is None:
        return None
    if get_origin(kind) in UNIONS:
        return lambda value: None if value is None else build(value)
    return lambda values: tuple(map(build, values))


def _dataclass_builder(kind: type, builders: list[Convert | None]) -> Convert:
    if _added(kind):
        build_all = _tuple_builder(kind, builders)
        return lambda struct: build_all(msgspec.structs.astuple(struct))
    return _tuple_builder(kind, builders)


def _tuple_builder(kind: type, builders: list[Convert | None]) -> Convert:
    if not any(builders):
        return lambda values: kind(*values)
    return lambda values: kind(
        *(build(value) if build else value for build, value in zip(builders, values, strict=True))
    )


def _as_arrays(value: Any) -> Any:
    if is_dataclass(value):
        added = _added(value)
        names = [field.name for field in fields(value)]
        while names and names[-1] in added and getattr(value, names[-1]) == added[names[-1]]:
            names.pop()
        return [_as_arrays(getattr(value, name)) for name in names]
    if isinstance(value, tuple | list):
        return [_as_arrays(element) for element in value]
    return value
