"""The text of one settings file: its tables, and the line of each key."""

import re
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.subject.value_kinds import suggestion

HEADER = re.compile(r"\s*\[+\s*([^\]]+?)\s*\]+")

KeyPath = tuple[str, ...]
"""The name of a key after those of the tables around it."""


class SettingsText:
    """One settings file, with the values of one of its profiles if one is chosen."""

    def __init__(self, file: Path, profile: str | None) -> None:
        """Read the file. Raises UsageError for what is no TOML, and for an unknown profile."""
        self.file = file
        text = file.read_text(encoding="utf-8-sig", errors="replace")
        self._lines = text.splitlines()
        try:
            self._written: dict[str, Any] = tomllib.loads(text)
        except ValueError as error:  # Also a number of more digits than Python converts.
            raise self._no_toml(str(error)) from None
        self._profile: KeyPath = ()
        for path in _with_null(self._written, ()):
            raise self.mistake(path, "holds the character NUL (`\\u0000`)", "Remove it.")
        self._profiles = self.table(self._written.get("profiles", {}), ("profiles",))
        self.content = self._written if profile is None else self._with_profile(profile)

    def mistake(self, path: KeyPath, problem: str, hint: str) -> UsageError:
        """Return an error that names the file, the line and the key."""
        where = f"{self.file}:{self._line_of(path)}"
        return UsageError(f"{where}: `{'.'.join(path)}` {problem}", hint)

    def unknown(self, path: KeyPath, usable: Iterable[str]) -> UsageError:
        """Return the error for a name that no table or key has."""
        names = tuple(usable)
        near = suggestion(path[-1], names)
        hint = "Correct the name." if near else f"Remove it, or use one of {', '.join(names)}."
        return self.mistake(path, f"is unknown{near}", hint)

    def table(self, value: object, path: KeyPath) -> dict[str, Any]:
        """Return a value that must be a table. Raises UsageError."""
        if not isinstance(value, dict):
            hint = f"Write a section [{'.'.join(path)}] with its keys below."
            raise self.mistake(path, "must be a table", hint)
        return value

    def tables(self, value: object, path: KeyPath) -> list[dict[str, Any]]:
        """Return a value that must be a list of tables. Raises UsageError."""
        if not isinstance(value, list) or not all(isinstance(item, dict) for item in value):
            hint = f"Write a section [[{'.'.join(path)}]] for each."
            raise self.mistake(path, "must be a list of tables", hint)
        return value

    def _no_toml(self, problem: str) -> UsageError:
        position = re.search(r"\s*\(at line (\d+), column (\d+)\)", problem)
        line = position[1] if position else str(len(self._lines))
        text = problem.replace(position[0], f" at column {position[2]}") if position else problem
        is_value = problem.startswith("Invalid value")
        hint = "Correct this line; strings need quotes." if is_value else "Correct this line."
        return UsageError(f"{self.file}:{line}: not valid TOML: {text}", hint)

    def _with_profile(self, profile: str) -> dict[str, Any]:
        if profile not in self._profiles:
            names, near = ", ".join(self._profiles), suggestion(profile, self._profiles)
            raise UsageError(
                f"{self.file}: there is no profile `{profile}`{near}",
                f"Choose from {names}." if names else "Go without a profile; this file has none.",
            )
        self._profile = ("profiles", profile)
        content = {name: value for name, value in self._written.items() if name != "profiles"}
        for section, values in self.table(self._profiles[profile], self._profile).items():
            usual = self.table(content.get(section, {}), (section,))
            content[section] = {**usual, **self.table(values, (*self._profile, section))}
        return content

    def _line_of(self, path: KeyPath) -> int:
        """Return the line of a key, or else that of what it belongs to; 1 for the file."""
        if self._profile and self._is_written((*self._profile, *path)):
            path = (*self._profile, *path)
        paths = (path[:length] for length in range(len(path), 0, -1))
        return next(filter(None, map(self._line_at, paths)), 1)

    def _is_written(self, path: KeyPath) -> bool:
        table: object = self._written
        for name in path:
            if not isinstance(table, dict) or name not in table:
                return False
            table = table[name]
        return True

    def _line_at(self, path: KeyPath) -> int:
        """Return the line of a key, or that of its section's header; 0 for neither.

        Tables of a list are numbered: ``bugs[2]``.
        """
        section, key = ".".join(path[:-1]), path[-1]
        header_line, current = 0, ""
        numbers: Counter[str] = Counter()
        for number, line in enumerate(self._lines, 1):
            if header := HEADER.match(line):
                current = header[1].replace('"', "").replace("'", "")
                if line.lstrip().startswith("[["):
                    numbers[current] += 1
                    current = f"{current}[{numbers[current]}]"
                if current == ".".join(path):
                    return number
                header_line = number if current == section else header_line
            elif current == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return header_line


def _with_null(value: object, path: KeyPath) -> Iterator[KeyPath]:
    """Yield the keys whose names or texts hold the character that ends texts of the system."""
    if isinstance(value, str) and "\0" in value:
        yield path
    elif isinstance(value, list):
        for item in value:
            yield from _with_null(item, path)
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _with_null(name, (*path, name))
            yield from _with_null(item, (*path, name))
