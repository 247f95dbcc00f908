"""The nouns of the command line: commands with their arguments, and one call of a command."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a command; an option where its name begins with dashes.

    Attributes:
        name: ``--jobs``, or ``FILE`` for an argument without dashes.
        help: One imperative line.
        placeholder: The word for the value in help; empty for a flag, and without dashes.
        into: The parameter that takes the value, by default the name without dashes.
        read: Turns the text into the value; raises ValueError with the reason.
        default: The value where the argument is missing, or the text of it.
        repeated: The argument may come more than once.
        required: The command cannot do without it.
        is_rest: All words from the first one on that is no option of ours, options among them.

    """

    name: str
    help: str
    placeholder: str = ""
    into: str = ""
    read: Callable[[str], Any] = str
    default: Any = None
    repeated: bool = False
    required: bool = False
    is_rest: bool = False

    @property
    def is_option(self) -> bool:
        """Return whether the argument is given by name."""
        return self.name.startswith("-")

    @property
    def is_flag(self) -> bool:
        """Return whether the argument is an option without a value."""
        return self.is_option and not self.placeholder

    @property
    def parameter(self) -> str:
        """Return the name of the parameter that takes the value."""
        return self.into or self.name.lstrip("-").replace("-", "_").lower()

    @property
    def usage(self) -> str:
        """Return the argument as help names it: ``--jobs N``, ``FILE``."""
        return f"{self.name} {self.placeholder}".rstrip()


@dataclass(frozen=True, slots=True)
class Command:
    """One command.

    Attributes:
        name: The word on the command line.
        help: One imperative line.
        example: A complete command line.
        action: The function that does it, ``module:name``; imported when the command is given.
        arguments: The arguments of this command only.
        shared: The options of every command that this one uses.
        details: Further sentences for the help of the command.
        prints_events: It runs programs for long: with ``--json`` its begin and its end are events.

    """

    name: str
    help: str
    example: str
    action: str
    arguments: tuple[Argument, ...] = ()
    shared: tuple[Argument, ...] = ()
    details: str = ""
    prints_events: bool = False

    @property
    def rest(self) -> Argument | None:
        """Return the argument that takes the words of another program's command."""
        return next((argument for argument in self.arguments if argument.is_rest), None)


@dataclass(frozen=True, slots=True)
class Call:
    """One command with the values of its arguments; ``shared`` are those of shared options."""

    command: Command
    values: Mapping[str, Any] = field(default_factory=dict)
    shared: Mapping[str, Any] = field(default_factory=dict)
