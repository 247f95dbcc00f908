"""The size of a subject's sources, and the environment that they run in."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SourceSize:
    """Statements of one file, and those that a clean run executes, as coverage.py counts them.

    Both are None where the file cannot be compiled.
    """

    root: str
    file: str
    statements: int | None
    executed: int | None


@dataclass(frozen=True, slots=True)
class Environment:
    """The versions of the interpreter and of every installed package in which runs were made."""

    python: str
    packages: dict[str, str]

    def difference(self, other: "Environment") -> list[str]:
        """List the differences to another environment, as ``numpy 1.16.6 → 1.17.0``."""
        here, there = ({"Python": e.python, **e.packages} for e in (self, other))
        return [
            f"{name} {here.get(name, 'not there')} → {there.get(name, 'not there')}"
            for name in sorted(here.keys() | there.keys())
            if here.get(name) != there.get(name)
        ]
