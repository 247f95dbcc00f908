"""Builds HTML in which no text of others can act."""

from html import escape

from trainwreck.report.printable import printable

VOID = frozenset(["meta", "img", "br", "hr", "input", "col"])
"""Elements that have no end."""


class Markup(str):
    """A text that is HTML already."""

    __slots__ = ()


def text(value: object) -> Markup:
    """Return a text as HTML; what a browser would obey, or not show, is escaped."""
    if isinstance(value, Markup):
        return value
    return Markup(escape(printable(str(value))))


def joined(*parts: object) -> Markup:
    """Return parts one after the other; None is left out."""
    return Markup("".join(text(part) for part in parts if part is not None))


def tag(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element.

    Args:
        name: The name of the element.
        children: Texts, or markup that stays as it is; None is left out.
        attributes: Values by name. ``class_`` and ``for_`` lose their end, ``_`` becomes ``-``.
            None and False are left out, and True has no value.

    """
    start = "".join(map(_attribute, attributes.items()))
    if name in VOID:
        return Markup(f"<{name}{start}>")
    return Markup(f"<{name}{start}>{joined(*children)}</{name}>")


def _attribute(item: tuple[str, object]) -> str:
    name, value = item
    name = name.rstrip("_").replace("_", "-")
    if value is None or value is False:
        return ""
    return f" {name}" if value is True else f' {name}="{text(value)}"'
