"""Values of JSON that have no noun of their own."""

from collections.abc import Callable
from typing import Any


def change_texts(value: Any, change: Callable[[str], str]) -> Any:
    """Return the value with every text in it changed, names of objects among them."""
    if isinstance(value, str):
        return change(value)
    if isinstance(value, list | tuple):
        return [change_texts(element, change) for element in value]
    if isinstance(value, dict):
        return {change(name): change_texts(field, change) for name, field in value.items()}
    return value
