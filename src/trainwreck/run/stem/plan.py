"""Plans one stem: the text of its files, and which of its members forks where."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from trainwreck.model import APP, Mutant, content_id
from trainwreck.mutants.alternatives import stem_text
from trainwreck.mutants.folding import MarkedFile, not_folding
from trainwreck.run.context import RunContext
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import TrialRequest
from trainwreck.run.orders import StemFile
from trainwreck.source import decode
from trainwreck.subject.interpreter import Interpreter

Place = tuple[str, str]
"""Root and file."""
CHANGED = "its file has changed"
NO_MARKER = "its expression has no place in the text of a stem"


@dataclass(frozen=True, slots=True)
class Member:
    """One child that a stem is to fork: for a request, or for none, without a mutant.

    ``number`` is its own, ``on`` the alternative that is on in it, and ``trigger`` the one at whose
    first evaluation it forks; None for any.
    """

    number: int
    request: TrialRequest | None = None
    on: int | None = None
    trigger: int | None = None

    @property
    def instructions(self) -> Instructions:
        """Return its instructions to the agent."""
        return self.request.instructions if self.request else NO_INSTRUCTIONS


@dataclass(frozen=True)
class StemPlan:
    """One stem.

    ``files`` are its texts, ``members`` its children in their order, ``cold`` the requests that
    cannot be among them, each with the reason. The first child without a mutant forks after the
    stem has asked ``clean_after`` times.
    """

    files: Mapping[Place, StemFile]
    members: tuple[Member, ...]
    cold: tuple[tuple[TrialRequest, str], ...]
    clean_after: int

    @property
    def armed(self) -> tuple[int, ...]:
        """Return the alternatives at whose first evaluation the stem asks."""
        return tuple(sorted({m.trigger for m in self.members if m.trigger is not None}))


def plan_stem(
    requests: Sequence[TrialRequest], context: RunContext, interpreter: Interpreter
) -> StemPlan:
    """Return the plan of a stem for requests that have a start.

    Args:
        requests: The requests, all of one draw.
        context: The program, its folders and its interpreter.
        interpreter: The Python that runs the program.

    Raises:
        TrainwreckError: The interpreter does not compare the texts with those of the mutants.

    """
    texts = _Texts(context, interpreter)
    for request in requests:
        for mutant, is_point in _planted(request):
            texts.add(mutant, is_point=is_point)
    texts.write()
    members: list[Member] = []
    cold: list[tuple[TrialRequest, str]] = []
    for request in requests:
        planted = [mutant for mutant, _ in _planted(request)]
        if reason := next(filter(None, map(texts.problem, planted)), ""):
            cold.append((request, reason))
        else:
            on, trigger = texts.number(planted[0]), texts.number(planted[-1])
            members.append(Member(len(members) + 1, request, on, trigger))
    return StemPlan(texts.files, tuple(members), tuple(cold), _clean_after(members))


def _planted(request: TrialRequest) -> list[tuple[Mutant, bool]]:
    """Return the mutant of a request, then the point at which it forks if that is another one."""
    mutant, start = request.trial.mutant, request.instructions.start
    assert mutant is not None
    assert start is not None
    is_apart = start.point is not None and start.point.id != mutant.id
    return [(mutant, False), *([(start.point, True)] if start.point and is_apart else [])]


def _clean_after(members: Sequence[Member]) -> int:
    """Return a random number that depends on the members alone: of the first third of them."""
    ids = [member.request.trial.id for member in members if member.request]
    return 1 + int(content_id(*ids), 16) % max(1, len(ids) // 3)


class _Texts:
    """The texts of all files of a stem."""

    def __init__(self, context: RunContext, interpreter: Interpreter) -> None:
        self.files: dict[Place, StemFile] = {}
        self._context = context
        self._interpreter = interpreter
        self._marked: list[MarkedFile] = []
        self._mutants: dict[Place, dict[str, Mutant]] = {}
        self._points: dict[Place, dict[str, Mutant]] = {}
        self._numbers: dict[str, int] = {}
        self._problems: dict[str, str] = {}

    def add(self, mutant: Mutant, *, is_point: bool) -> None:
        """Note what the text of a file must have."""
        group = self._points if is_point else self._mutants
        group.setdefault((mutant.root, mutant.file), {})[mutant.id] = mutant

    def write(self) -> None:
        """Write all texts; alternatives are numbered through all files."""
        first = 1
        for place in sorted({*self._mutants, *self._points}):
            first = self._write_file(place, first)
        self._problems |= not_folding(self._interpreter, self._marked)

    def number(self, mutant: Mutant) -> int:
        """Return the number of a mutant's alternative."""
        return self._numbers[mutant.id]

    def problem(self, mutant: Mutant) -> str:
        """Return why a mutant has no alternative, empty where it has one."""
        if mutant.id in self._problems:
            return self._problems[mutant.id]
        return "" if mutant.id in self._numbers else NO_MARKER

    def _write_file(self, place: Place, first: int) -> int:
        """Write the text of one file; return the next free number."""
        mutants, points = self._mutants.get(place, {}), self._points.get(place, {})
        everything = {**points, **mutants}
        try:
            source = decode(self._path(place).read_bytes())
        except (OSError, ValueError, KeyError):
            self._problems |= dict.fromkeys(everything, CHANGED)
            return first
        self._problems |= {
            id_: CHANGED for id_, mutant in everything.items() if mutant.source_sha != source.sha
        }
        planted = [mutant for id_, mutant in everything.items() if id_ not in self._problems]
        of_points = [mutant for mutant in planted if mutant.id not in mutants]
        of_mutants = [mutant for mutant in planted if mutant.id in mutants]
        text = stem_text(source, of_mutants, of_points, self._interpreter.grammar, first)
        self._problems |= text.excluded
        self._numbers |= text.numbers
        self._marked.append(MarkedFile(self._path(place), source, text, tuple(planted)))
        self.files[place] = StemFile(text.text, text.alternatives)
        return max([first - 1, *(int(each["number"]) for each in text.alternatives)]) + 1

    def _path(self, place: Place) -> Path:
        root, file = place
        base = self._context.folder if root == APP else self._context.bases[root]
        return base / file
