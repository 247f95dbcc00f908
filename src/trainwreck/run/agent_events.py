"""The events of the agent as types, read from files to which the program can write as well.

``PROTOCOL.md`` describes them. A field of another type, a number that no table could hold, or text
that is no Unicode makes an event unreadable: it is counted, and nothing is concluded from it.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any, TypeVar, get_args

import msgspec
from msgspec import Meta, Struct

from trainwreck.model import (
    COVERS,
    FILES,
    NO_VERDICT,
    PROCESSES,
    SAME_WHOLE,
    STATE,
    STUCK,
    TOGETHER,
    UNREAD,
)
from trainwreck.model.start import STARTED
from trainwreck.run.plain_files import read_plain_file

LARGEST_FILE = 64 << 20
"""Bytes that are read of the events of one process; the agent writes far less."""
DEEPEST = 50
"""Levels of lists and objects in an observation; deeper ones could not be stored."""
LARGEST_NUMBER = 2**63 - 1

METRIC_FILES = "metric files"
"""An observation of ours: of the files with a run's metrics."""
NETWORK = "network"
"""An observation of ours: of what the first clean run connected to."""
OTHER_FILES = "other files"
"""An observation of ours: of written files that no verdict compares."""
STEM = "stem"
"""An observation of ours: the children of a stem, its own processor seconds, and its end."""
NOT_OBSERVED = frozenset(
    [
        FILES,
        STATE,
        COVERS,
        NO_VERDICT,
        PROCESSES,
        METRIC_FILES,
        NETWORK,
        OTHER_FILES,
        SAME_WHOLE,
        TOGETHER,
        UNREAD,
        STARTED,
        STEM,
        STUCK,
    ]
)
"""The observations that the agent never sends."""

Count = Annotated[int, Meta(ge=0, le=LARGEST_NUMBER)]
Seconds = Annotated[float, Meta(ge=0, le=1e12)]
Word = Annotated[str, Meta(pattern=r"^[^\ud800-\udfff]*$")]
"""Text that every file can hold: without halves of surrogate pairs."""
FrameFields = tuple[str, Count, str]
StatedFrameFields = tuple[str, Count, str, str]
"""A frame with the text of its line."""
ChainedFields = tuple[str, str, tuple[StatedFrameFields, ...]]


class Event(Struct, tag_field="event"):
    """One event of a process."""


class Moment(Event):
    """An event with its time in seconds since the process booted, and the hits up to then."""

    wall: Seconds = 0.0
    cpu: Seconds = 0.0
    hits: Count = 0


class Start(Event, tag="start"):
    """The boot of the agent in a process."""

    pid: Count = 0
    main: bool = False
    entry: tuple[str, str] = ("", "")
    path: str = ""
    argv: tuple[str, ...] = ()
    rank: Annotated[int, Meta(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)] | None = None
    began: Seconds = 0.0


class Planted(Event, tag="planted"):
    """The mutated text of a file replaced the clean one."""


class Refused(Event, tag="refused"):
    """The reason why the agent ended the process."""

    reason: str
    path: str = ""


class PhaseBegan(Moment, tag="phase", kw_only=True):
    """The begin of a phase."""

    name: str


class Hit(Moment, tag="hit"):
    """An evaluation of the edit."""


class Pulse(Moment, tag="pulse"):
    """The answer to a request."""


class HeldAnswer(Moment, tag="held"):
    """The answer to a question: work done, and what the process holds.

    ``state`` is empty where that is ``unread``. ``numbers`` are those that variables of the main
    thread hold, ``steady`` the lowest and the highest number that stayed since the last answer.
    ``moved`` says that some frame of the main thread was there at the last answer, and is elsewhere
    in its code now, or in no call; ``direct`` that no call in C has called Python since then.
    """

    work: Count = 0
    state: str = ""
    unread: str = ""
    numbers: dict[str, float] = {}
    steady: tuple[float, ...] = ()
    moved: bool = False
    direct: bool = False


class End(Moment, tag="end"):
    """The end of a process."""


class Reported(Moment, tag="report", kw_only=True):
    """A line with metrics. ``values`` are as printed."""

    metrics: tuple[str, ...]
    values: tuple[str, ...] = ()
    checkpoint: Word | None = None

    def __post_init__(self) -> None:
        """Raise ValueError where a metric has no number."""
        if len(self.values) not in (0, len(self.metrics)):
            raise ValueError("a report has a value for each metric")
        for text in self.values:
            float(text)


class Settled(Event, tag="settled"):
    """The end of the run by a rule."""

    rule: Word


class Worked(Event, tag="work"):
    """Numbers of epochs, batches and calls."""

    counts: dict[str, Count]


class Observed(Event, tag="observation"):
    """A fact under a name of its own."""

    name: Word
    value: Any

    def __post_init__(self) -> None:
        """Raise ValueError where the agent sends no such fact, or where it could not be stored."""
        if self.name in NOT_OBSERVED:
            raise ValueError(f"an observation `{self.name}`, which trainwreck makes itself")
        if depth_of(self.value) > DEEPEST:
            raise ValueError(f"an observation of more than {DEEPEST} levels")


class Failed(Moment, tag="failure", kw_only=True):
    """The exception that ended a process."""

    type: str
    message: str
    frames: tuple[FrameFields, ...] = ()
    chain: tuple[ChainedFields, ...] = ()


class SourceRead(Event, tag="source_read"):
    """The program reads the source of a probed file."""

    path: str


class LineRead(Event, tag="line_read"):
    """The program reads one line of a probed file."""

    path: str
    line: Count


class DefaultsRead(Event, tag="defaults_read"):
    """The program reads the defaults of these probes."""

    groups: tuple[Count, ...]


class Cover(Struct):
    """The models of one kind that a digest covers."""

    kind: str = ""
    what: str = ""
    arrays: Count = 0
    models: Count = 1


class Digested(Event, tag="digest"):
    """The hash of the final parameters."""

    parameters: Word | None
    models: Count = 0
    unread: tuple[str, ...] = ()
    covers: tuple[dict[str, Any], ...] = ()

    def __post_init__(self) -> None:
        """Raise ValueError where ``covers`` has other types."""
        msgspec.convert(self.covers, tuple[Cover, ...])


class Trouble(Event, tag="trouble"):
    """The agent could not do something."""

    what: str


AnyEvent = (
    Start | Planted | Refused | PhaseBegan | Hit | Pulse | HeldAnswer | End | Reported | Settled
    | Worked | Observed | Failed | SourceRead | LineRead | DefaultsRead | Digested | Trouble
)  # fmt: skip
KINDS: dict[str, type[Event]] = {
    str(kind.__struct_config__.tag): kind for kind in get_args(AnyEvent)
}
_decode = msgspec.json.Decoder(AnyEvent).decode
ONCE: tuple[type[Event], ...] = (Start, Digested, Settled)
"""The events that the agent writes once in a file at most."""

Kind = TypeVar("Kind", bound=Event)


@dataclass
class EventFile:
    """The events of one process, in order.

    ``unknown`` are names of events that this version does not know. ``damage`` says what the
    agent cannot have written: a text for each finding. ``size`` is in bytes.
    """

    events: list[Event] = field(default_factory=list)
    unknown: list[str] = field(default_factory=list)
    damage: list[str] = field(default_factory=list)
    size: int = 0

    def of(self, kind: type[Kind]) -> list[Kind]:
        """Return the events of one kind."""
        return [event for event in self.events if isinstance(event, kind)]


def read_event_file(path: Path) -> EventFile:
    """Read the events of one process, whatever the program has done to the file."""
    try:
        content = read_plain_file(path, LARGEST_FILE)
    except OSError as error:
        return EventFile(damage=[f"{path.name}: {error.strerror or error}"])
    file = EventFile(size=len(content))
    *lines, rest = content.split(b"\n")
    for line in lines:
        _add(file, line)
    if rest:
        _add_cut_off(file, rest)
    file.damage += _impossible(file)
    return file


def _add(file: EventFile, line: bytes) -> None:
    """Add the event of a line, or else what is wrong with it."""
    try:
        file.events.append(_decode(line))
    except (ValueError, RecursionError):
        _add_slowly(file, line)


def _add_slowly(file: EventFile, line: bytes) -> None:
    """Add an event with what msgspec does not read: NaN, and halves of surrogate pairs."""
    try:
        value = json.loads(line)
        name = value.get("event") if isinstance(value, dict) else None
        if not isinstance(name, str):
            file.damage.append("a line that is no event")
        elif name in KINDS:
            file.events.append(msgspec.convert(value, KINDS[name]))
        else:
            file.unknown.append(name)
    except (ValueError, RecursionError) as error:
        file.damage.append(f"{type(error).__name__}: {str(error)[:100]}")


def _add_cut_off(file: EventFile, line: bytes) -> None:
    """Add the last event, unless a kill has cut it off while it was written."""
    before = len(file.damage)
    _add(file, line)
    del file.damage[before:]


def _impossible(file: EventFile) -> Iterator[str]:
    """Yield what no agent writes: a second result, or one of a process that has no start."""
    for kind in ONCE:
        number = sum(isinstance(event, kind) for event in file.events)
        if number > 1:
            yield f"{number} events `{kind.__struct_config__.tag}`"
    has_result = any(isinstance(event, Digested | Settled) for event in file.events)
    if has_result and not any(isinstance(event, Start) for event in file.events):
        yield "a result of a process that has not started"


def depth_of(value: Any) -> int:
    """Return how many lists and objects are within one another, without recursion."""
    depth, level = 0, [value]
    while level := [item for item in level if isinstance(item, list | dict)]:
        depth += 1
        level = [
            element
            for item in level
            for element in (item.values() if isinstance(item, dict) else item)
        ]
    return depth
