"""The size of a subject's sources, and the environment that they run in."""

from dataclasses import dataclass, field

from trainwreck.model.identity import content_id

APART = ("settings", "program revision")
"""Parts of an origin that may differ between runs which can be compared; the sources are equal."""

OF_KIND = ("processor", "machine", "instructions", "C library", "GPU", "GPU driver", "GPU use")
"""Parts of an origin that may decide the last bits of a result."""

INSTALLERS = ("pip", "uv", "wheel")
"""Packages that no training uses."""


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

    @property
    def kind(self) -> str:
        """Return a hash of the kind of machine, with all versions that a result may depend on."""
        packages = {n: text for n, text in self.packages.items() if n not in INSTALLERS}
        origin = {name: self.origin[name] for name in OF_KIND if name in self.origin}
        return content_id(self.python, *_texts(packages), "on", *_texts(origin))

    @property
    def machine(self) -> str:
        """Return the name of the machine's kind; empty for runs of earlier versions."""
        named = ("processor", "machine", "GPU")
        return ", ".join(self.origin[name] for name in named if self.origin.get(name))

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


def _texts(values: dict[str, str]) -> list[str]:
    return [text for item in sorted(values.items()) for text in item]
