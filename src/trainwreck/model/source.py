"""The size of a subject's sources, and the environment that they run in."""

from dataclasses import dataclass, field

APART = ("settings", "program revision")
"""Parts of an origin that may differ between runs which can be compared; the sources are equal."""


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
    """The versions of the interpreter and of every installed package in which runs were made.

    ``origin`` names the tool, the machine, the settings and the state of the program; it is empty
    for runs of earlier versions.
    """

    python: str
    packages: dict[str, str]
    origin: dict[str, str] = field(default_factory=dict)

    def difference(self, other: "Environment") -> list[str]:
        """List the differences to another environment, as ``numpy 1.16.6 → 1.17.0``."""
        here, there = ({"Python": e.python, **e.packages} for e in (self, other))
        if self.origin and other.origin:
            here |= {name: text for name, text in self.origin.items() if name not in APART}
            there |= {name: text for name, text in other.origin.items() if name not in APART}
        return [
            f"{name} {here.get(name, 'not there')} → {there.get(name, 'not there')}"
            for name in sorted(here.keys() | there.keys())
            if here.get(name) != there.get(name)
        ]
