"""Runs one stem: answers what it asks, watches the children that it forks, restores its folders."""

import time
from collections import deque
from dataclasses import dataclass, field, replace

from trainwreck.errors import Paused, TrainwreckError
from trainwreck.model import Ending, Outcome, Trial
from trainwreck.model.slot import MustStop, Slot
from trainwreck.model.start import STARTED, WARM
from trainwreck.run.child import Child, run_child
from trainwreck.run.context import RunContext
from trainwreck.run.ended import Ended
from trainwreck.run.instructions import NO_INSTRUCTIONS
from trainwreck.run.launcher import Run, TrialRequest, TrialResult, read_result
from trainwreck.run.limits import Limits
from trainwreck.run.no_verdict import reason_of, unproven, without_facts
from trainwreck.run.orders import StemOrder
from trainwreck.run.output import Output
from trainwreck.run.program_start import ProgramStart
from trainwreck.run.room import check_reserve
from trainwreck.run.sandbox import ORDER_VARIABLE, Sandbox
from trainwreck.run.stem.belief import doubt_of
from trainwreck.run.stem.folders import NotRestorable
from trainwreck.run.stem.fork import Fork, Start
from trainwreck.run.stem.pipes import Asked, Dishonest, Pipes, Waited
from trainwreck.run.stem.plan import Member, StemPlan
from trainwreck.run.stem.printed import MOST_PRINTED, Printed
from trainwreck.run.stem.processes import children_of, end_all_but
from trainwreck.run.stem.surroundings import Surroundings

PIPES = "stem"
"""The folder of the named pipes, below that of the slot."""
NOT_REACHED = "its expression was not evaluated in the stem"
DIRTY = "the folder of its stem could not be restored"
UNSAFE = "a fork was not safe"
WITHOUT = Member(0)
"""A child without a mutant: one is early in the run, and one is the last of all."""
GO = {"on": None, "go": True}
END = {"on": None, "end": True}


@dataclass
class StemEnd:
    """The remains of a stem that has ended.

    Attributes:
        results: Results of children, each with its member's number.
        cold: Members that must start cold, with the reason.
        again: Members that may start warm in another stem.
        without: The outcomes of the children without a mutant.
        problem: Why nothing counts, empty where the stem was well until its end.
        culprit: The member that was at work when the stem went wrong, if any.
        dirty: Why no further child could fork, empty where they could.
        spoiler: The member after which that was so, if any.
        is_over: Whether it ended with its last child, which had no mutant, and not by itself.
        cpu_seconds: Processor seconds of all children, also of those without a result.
        seconds: Seconds in which the stem waited.

    """

    results: dict[int, TrialResult] = field(default_factory=dict)
    cold: dict[int, str] = field(default_factory=dict)
    again: dict[int, str] = field(default_factory=dict)
    without: list[Outcome] = field(default_factory=list)
    problem: str = ""
    culprit: int | None = None
    dirty: str = ""
    spoiler: int | None = None
    is_over: bool = False
    cpu_seconds: float = 0.0
    seconds: float = 0.0


class Conversation:
    """The answers to a stem, from its first question to the end of its last child."""

    def __init__(
        self, plan: StemPlan, context: RunContext, sandbox: Sandbox, printed: Printed, trial: Trial
    ) -> None:
        self.end = StemEnd()
        self.fork: Fork | None = None
        self._plan = plan
        self._context = context
        self._sandbox = sandbox
        self.printed = printed
        self._trial = trial
        self._pipes = Pipes(sandbox.folder / PIPES)
        self._surroundings = Surroundings(context, sandbox)
        self._is_woken = False
        self._asked: set[int] = set()
        self._forked: set[int] = set()
        self._safe = 0
        self._queue: deque[Member] = deque()
        self._start: Start | None = None
        self._waits_since = 0.0
        self._used = 0.0

    def look(self, child: Child) -> bool:
        """Answer, and watch the child at work; see `Beside`."""
        if not self._is_woken:
            child.wake_by(self._pipes.descriptor)
            self._is_woken = True
        if not self.end.problem:
            try:
                self._look(child)
            except Dishonest as error:
                self.end.problem = str(error)
                if self.fork:
                    self.fork.measure()
                child.give_up()
        return self.fork is not None or bool(self.end.problem)

    def _look(self, child: Child) -> None:
        """Answer, and watch the child at work. Raises Dishonest."""
        for message in self._pipes.read():
            if isinstance(message, Asked):
                self._hear(message, child)
            else:
                self._finish(message, child)
        if self.fork:
            self._watch(self.fork, child)

    def close(self) -> None:
        """Close the pipes, and remove what was kept."""
        self._pipes.close()
        self._surroundings.remove()

    def _watch(self, fork: Fork, child: Child) -> None:
        fork.read()
        fork.look()
        # Each time: the stem may not have forked yet.
        if fork.stopped and not end_all_but(child.program, child.holder):
            raise Dishonest("processes of a child cannot be ended")
        if fork.is_overdue:
            raise Dishonest("the stem does not report the end of a child")

    def _hear(self, asked: Asked, child: Child) -> None:
        """Begin to answer a question."""
        if not asked.safe:
            return self._hear_unsafe(asked)
        if self.fork or asked.at in self._asked or asked.at not in self._plan.armed:
            raise Dishonest("the stem asked out of its turn")
        self._asked.add(asked.at)
        waiting = self._waiting()
        members = [member for member in waiting if member.trigger == asked.at]
        child.clock.tick()
        self._waits_since, self._used = child.clock.seconds, 0.0
        self._safe += 1
        is_first = not self.end.without and self._safe >= self._plan.clean_after
        # The last fork has most to get wrong: all that the program has done by then.
        is_last = bool(members) and len(members) == len(waiting)
        first = [WITHOUT] * (is_first and not is_last)
        self._queue = deque([*first, *members, *[WITHOUT] * is_last])
        self._start = Start(asked, self.printed)
        if self.end.dirty:
            self._stay_dirty(self.end.dirty)
        elif reason := self._noted(child):
            self.end.cold |= {member.number: reason for member in self._queue}
            self._queue.clear()
        return self._go_on(child)

    def _hear_unsafe(self, asked: Asked) -> None:
        """Let those start cold whose expression is evaluated where no fork can be."""
        if self.fork:
            raise Dishonest("the stem asked out of its turn")
        reason = asked.reason or UNSAFE
        for member in self._waiting():
            if asked.at in (member.trigger, member.on):
                self.end.cold[member.number] = reason

    def _waiting(self) -> list[Member]:
        """Return the members that have not forked, and do not start cold."""
        decided = {*self._forked, *self.end.cold, *self.end.again}
        return [member for member in self._plan.members if member.number not in decided]

    def _noted(self, child: Child) -> str:
        """Note how everything is; return why nothing can fork, empty where it can."""
        child.drain()
        if self.printed.size > MOST_PRINTED:
            return "it prints too much before"
        try:
            self._surroundings.note(child)
        except NotRestorable as error:
            return str(error)
        return ""

    def _go_on(self, child: Child) -> None:
        """Fork the next child, or let the stem go on."""
        while self._queue:
            member = self._queue.popleft()
            try:
                return self._fork_for(member, child)
            except (TrainwreckError, OSError, ValueError) as error:
                if isinstance(error, Paused):
                    raise
                self.end.cold[member.number] = "its bug could not be planted in a child"
                self._restore(child)
        child.clock.tick()
        waited = child.clock.seconds - self._waits_since
        child.excuse(waited, self._used)
        self.end.seconds += waited
        self._pipes.answer(END if self.end.is_over else GO)
        return None

    def _fork_for(self, member: Member, child: Child) -> None:
        """Plant a member's bug, and let the stem fork. Raises OSError and TrainwreckError."""
        assert self._start is not None
        request = member.request or TrialRequest(self._trial, self._limits, NO_INSTRUCTIONS)
        trial, instructions = request.trial, request.instructions
        sandbox = self._sandbox.shared_with(trial, instructions, f"events-{member.number}")
        sandbox.write_order()
        output = Output(self._context.subject.metrics)
        began = time.monotonic() - self._start.asked.wall
        run = Run(request, self._context, sandbox, output, began)
        self.fork = Fork(member, run, self._start, child)
        self._pipes.answer(self.fork.open(self._sandbox.folder / PIPES))
        self._forked.add(member.number)

    @property
    def _limits(self) -> Limits:
        return limits_of_stem(self._plan)

    def _finish(self, waited: Waited, child: Child) -> None:
        """Read what a child that has ended leaves, and restore what it has changed."""
        fork = self.fork
        if fork is None or waited.ended != fork.member.number or children_of(child.program):
            raise Dishonest("the stem reported an end that was none")
        self._used += waited.cpu
        self.end.cpu_seconds += waited.cpu
        try:
            ended = fork.end(waited)
        except ValueError:
            raise Dishonest("the stem reported an end that was none") from None
        if not end_all_but(child.program, child.holder):
            raise Dishonest("processes of a child cannot be ended")
        fork.close()
        child.drain()
        if self.printed.size != fork.printed:
            raise Dishonest("a child printed in place of its stem")
        is_kept = self._keep(fork, ended)
        self.fork = None
        if not self._restore(child):
            self.end.spoiler = fork.member.number
        elif fork.member is WITHOUT and is_kept:
            # What is left of the stem, its last child has done already.
            self.end.is_over = not self._waiting()
        self._go_on(child)

    def _keep(self, fork: Fork, ended: Ended) -> bool:
        """Keep the result of a child, if there is one that is believed; else its trial starts cold.

        Return whether one was kept.
        """
        member, asked = fork.member, fork.start.asked
        try:
            result = read_result(fork.run, ended)
        except Paused:
            raise
        except (TrainwreckError, OSError) as error:
            self.end.cold[member.number] = (
                f"nothing of its warm run was read: {type(error).__name__}"
            )
            return False
        if member.request is None:
            self.end.without.append(result.outcome)
        elif doubt := doubt_of(result.outcome, has_bug=True):
            self.end.cold[member.number] = doubt
            return False
        else:
            started = {"how": WARM, "prefix_seconds": asked.wall, "prefix_cpu": asked.cpu}
            observed = {**result.outcome.observations, STARTED: started}
            outcome = replace(result.outcome, observations=observed)
            self.end.results[member.number] = replace(result, outcome=outcome)
        return True

    def _restore(self, child: Child) -> bool:
        """Restore what a child has changed; where that cannot be, no other one forks."""
        try:
            self._surroundings.restore(child)
        except NotRestorable as error:
            self._stay_dirty(str(error))
            return False
        return True

    def _stay_dirty(self, reason: str) -> None:
        """Let what waits start warm in another stem."""
        self.end.dirty = reason
        self.end.again |= {m.number: reason for m in self._queue if m is not WITHOUT}
        self._queue.clear()


def run_stem(
    plan: StemPlan, trial: Trial, context: RunContext, slot: Slot, must_stop: MustStop
) -> tuple[StemEnd, TrialResult | None]:
    """Run one stem with its children.

    Args:
        plan: The stem.
        trial: Its own trial, of the kind ``stem``.
        context: The program, its folders and its interpreter.
        slot: The slot to run in.
        must_stop: Return whether to give up.

    Returns:
        What it leaves, and its own result, whose times are without those of its children; None
        where it did not run.

    Raises:
        Stopped: ``must_stop`` returned true.
        Paused: The disk has less free room than the reserve.

    """
    began = time.monotonic()
    sandbox = Sandbox(context, slot, trial, NO_INSTRUCTIONS)
    output = Output(context.subject.metrics)
    request = TrialRequest(trial, limits_of_stem(plan), NO_INSTRUCTIONS)
    conversation = None
    try:
        check_reserve(slot.folder, context.policy.disk)
        sandbox.prepare(StemOrder(sandbox.folder / PIPES, plan.armed, plan.files))
        conversation = Conversation(plan, context, sandbox, Printed(output), trial)
        run = Run(request, context, sandbox, output, began)
        ended = _run_child(run, conversation, must_stop)
        return conversation.end, _own_result(run, ended)
    except Paused:
        raise
    except (TrainwreckError, OSError) as error:
        end = conversation.end if conversation else StemEnd()
        end.problem = end.problem or f"its stem did not run: {type(error).__name__}"
        return end, None
    finally:
        if conversation:
            conversation.close()
        sandbox.remove()


def _run_child(run: Run, conversation: Conversation, must_stop: MustStop) -> Ended:
    """Run the stem's program; return how it ended, without the times of its children."""
    sandbox = run.sandbox
    command, environment = sandbox.command(), sandbox.environment()
    start = ProgramStart(
        command,
        sandbox.app,
        environment,
        replace(
            run.request.limits,
            disk=run.context.policy.disk,
            gpu_memory=run.context.gpu_memory,
        ),
        f"{ORDER_VARIABLE}={sandbox.order}",
        replace(sandbox.containment(command, environment), observed=True),
        sandbox.folder,
    )
    ended = run_child(
        start,
        conversation.printed.feed,
        lambda _pid: False,
        must_stop,
        conversation.printed.feed_errors if run.output.apart else None,
        beside=conversation,
    )
    end = conversation.end
    own = replace(
        ended,
        seconds=max(0.0, ended.seconds - end.seconds),
        cpu_seconds=max(0.0, ended.cpu_seconds - end.cpu_seconds),
    )
    if fork := conversation.fork:
        end.culprit = fork.member.number
        end.problem = end.problem or f"the stem ended during a child: {ended.exit}"
        # The stem has not waited for this one.
        end.cpu_seconds += fork.cpu_seconds
    return own


def _own_result(run: Run, ended: Ended) -> TrialResult:
    """Return the result of a stem; what it has used counts, whatever it has left. Raises Paused."""
    try:
        return read_result(run, ended)
    except Paused:
        raise
    except (TrainwreckError, OSError) as error:
        used = replace(
            without_facts(run.request.trial, ended.seconds), cpu_seconds=ended.cpu_seconds
        )
        reason = run.sandbox.restore(reason_of(error))
        return TrialResult(run.request.trial, unproven(used, Ending.BROKEN, reason))


def limits_of_stem(plan: StemPlan) -> Limits:
    """Return limits for a stem: it shares its memory with one child at a time."""
    limits = [member.request.limits for member in plan.members if member.request]
    longest = max(limits, key=lambda each: each.seconds)
    return replace(longest, memory=2 * longest.memory)
