"""Watches one run for being stuck, by facts that only a run that cannot go on has.

Two kinds of them are looked for. A run sleeps where no thread wakes before the time limit. And it
goes nowhere where it has taken longer than clean runs, shows no progress outside, and the agent
answers that what it holds takes the same values again and again, or runs away from all bounds.
A long call in C shows neither, nor does a slow program: they run up to their limit.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from operator import or_
from pathlib import Path

from trainwreck.model import IMPORT_PHASE, CleanTimes, Standstill, Stuck
from trainwreck.run.agent_events import PhaseBegan
from trainwreck.run.circles import Answer, is_runaway, is_unchanging
from trainwreck.run.event_tail import EventTail
from trainwreck.run.printed_lines import PrintedLines
from trainwreck.run.questions import QUESTIONS_PER_PHASE, Known, Questions
from trainwreck.run.stillness import LOOK_SECONDS, Look, Stillness
from trainwreck.run.tree import Tree
from trainwreck.run.waits import waits_of

IDLE_SECONDS = 0.01
"""Processor seconds between two moments up to which a trial is asked whether it sleeps."""
ASK_AFTER = 1.0
"""The multiple of a phase's clean time after which a run is asked what it holds."""
END_AFTER = 2.0
"""The multiple after which it may be ended."""
SHORTEST_PHASE = 1.0
USUAL_PAUSE, SHORT_PAUSE = 0.1, 0.05
"""Seconds from one look to the next at least, and while the run is asked."""


@dataclass(frozen=True, slots=True)
class Moment:
    """The times of a run: its own ``seconds``, and the sum of the gaps of its clock.

    ``left`` is what is left of its own time until the limit.
    """

    seconds: float
    gap: float
    left: float


class HangWatch:
    """The watch over one run.

    Args:
        times: The times of its clean runs.
        events: The folder of its events.
        takes_signals: Return whether the agent of a process handles its signals by now.
        began: The moment of its own time at which it comes under this watch: the child of a stem
            has not spent the time before, which counts for no phase.

    """

    def __init__(
        self,
        times: CleanTimes,
        events: Path,
        takes_signals: Callable[[int], bool],
        began: float = 0.0,
    ) -> None:
        self._times = times
        self._takes_signals = takes_signals
        self._tail = EventTail(events)
        self._lines = PrintedLines()
        self._stillness = Stillness()
        self._gap = 0.0
        self._looked_at = 0.0
        self._cpu_seconds = 0.0
        self._printed = 0
        self._news = 0
        self._enter(IMPORT_PHASE, began)

    @property
    def pause(self) -> float:
        """Return how many seconds should pass until the next look."""
        return SHORT_PAUSE if self._is_asking else USUAL_PAUSE

    def feed(self, chunk: bytes) -> None:
        """Take the next piece of what the program prints."""
        self._printed += len(chunk)
        self._lines.feed(chunk)

    def look(self, tree: Tree, moment: Moment) -> Stuck | None:
        """Return what shows that the run is stuck, None while nothing does.

        Called several times a second. After a pause of trainwreck or of the machine it begins
        again: nothing is concluded from time in which one side did not run.
        """
        if moment.gap != self._gap:
            self._gap = moment.gap
            self._stillness.restart()
            self._questions.restart()
        return self._asleep(tree, moment) or self._going_nowhere(tree, moment)

    def _asleep(self, tree: Tree, moment: Moment) -> Stuck | None:
        if moment.seconds - self._looked_at < LOOK_SECONDS:
            return None
        self._looked_at = moment.seconds
        used, self._cpu_seconds = tree.cpu_seconds - self._cpu_seconds, tree.cpu_seconds
        if used > IDLE_SECONDS:
            self._stillness.restart()
            return None
        # The last search may be a second old.
        waits = waits_of([process.pid for process in tree.search()], moment.seconds)
        look = Look(moment.seconds, moment.left, tuple(waits) if waits else None)
        if not self._stillness.holds(look):
            return None
        threads = len(look.waits or ())
        return Stuck(Standstill.ASLEEP, moment.seconds, self._times.whole, threads=threads)

    def _enter(self, phase: str, seconds: float) -> None:
        self._phase_began = seconds
        self._is_asking = False
        self._clean = max(SHORTEST_PHASE, self._times.of_phase(phase))
        self._questions = Questions(self._clean / QUESTIONS_PER_PHASE, self._takes_signals)

    def _going_nowhere(self, tree: Tree, moment: Moment) -> Stuck | None:
        events = self._tail.read()
        for _, event in events:
            if isinstance(event, PhaseBegan):
                self._enter(event.name, moment.seconds)
        seconds = moment.seconds - self._phase_began
        if seconds < ASK_AFTER * self._clean:
            return None
        self._is_asking = True
        self._questions.hear(events)
        self._restart_after_progress()
        known = Known(self._printed, self._tail.size)
        self._questions.ask(tree.present, moment.seconds, moment.left, known)
        if seconds < END_AFTER * self._clean:
            return None
        return self._stuck(tree, seconds, moment)

    def _restart_after_progress(self) -> None:
        """Forget the answers where the run printed, read or wrote anything new, or did work."""
        if self._lines.news != self._news or self._questions.show_progress():
            self._news = self._lines.news
            self._questions.restart()

    def _stuck(self, tree: Tree, seconds: float, moment: Moment) -> Stuck | None:
        answers = self._questions.answers
        circling = [is_unchanging(process) for process in answers]
        running = [is_runaway(process, self._times.evaluations) for process in answers]
        if not answers or not all(map(or_, circling, running)):
            return None
        # The last search may be a second old.
        pids = {process.pid for process in tree.search()}
        if not self._questions.cover(pids, moment.seconds, moment.left):
            return None
        why = Standstill.UNCHANGING if all(circling) else Standstill.RUNAWAY
        return self._evidence(why, answers, seconds)

    def _evidence(
        self, why: Standstill, answers: Sequence[Sequence[Answer]], seconds: float
    ) -> Stuck:
        return Stuck(
            why,
            seconds,
            self._clean,
            answers=sum(map(len, answers)),
            states=sum(len({answer.state for answer in process}) for process in answers),
            hits=sum(process[-1].hits for process in answers),
            evaluations=self._times.evaluations,
        )
