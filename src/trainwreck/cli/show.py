"""What the commands print: for people, and as JSON lines."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainwreck.campaign.doctor import Check
from trainwreck.campaign.transfer import Imported
from trainwreck.exchange.writer import mutant_fields
from trainwreck.findings import CLASSES
from trainwreck.judge.endings import doubts_of
from trainwreck.model import (
    RUN,
    UNKNOWN_PHASE,
    Compared,
    Context,
    Distance,
    Divergence,
    Effort,
    Ending,
    Failure,
    Mutant,
    Outcome,
    Pace,
    Rung,
    Second,
    Verdict,
)
from trainwreck.report.text import amount, duration
from trainwreck.results.baseline import Baseline, Noise
from trainwreck.results.story import Story
from trainwreck.subject.studies import StudyState

MOST_DOUBTS = 20
LOG_TAIL = 15


def study_text(state: StudyState) -> str:
    """A study in a few lines: what it is, whether it runs here, or why not."""
    python = state.python or "this Python"
    needs = ", ".join([*state.packages, *state.programs]) or "nothing"
    lines = [f"{state.name}: bugs in {', '.join(state.targets)}; on {python}"]
    lines.append(f"  needs {needs}")
    lines += [f"  cannot run here: {obstacle}" for obstacle in state.obstacles]
    if not state.obstacles and state.made:
        lines.append("  can run here; its environment is there")
    elif not state.obstacles:
        lines.append("  can run here; its environment is made when it is first run")
        lines += [f"  {state.note}"] if state.note else []
    return "\n".join(lines)


def study_json(state: StudyState) -> str:
    """One line of ``study --list --json``."""
    return json.dumps(asdict(state))


def baseline_text(baseline: Baseline) -> str:
    """The clean program in a few lines."""
    lines = [f"Clean program: {baseline.runs} runs"]
    lines += [
        f"  {noise.metric}: {noise.mean:.4f} ± {noise.deviation:.4f}" for noise in baseline.noise
    ]
    wall, cpu = baseline.seconds, baseline.cpu_seconds
    lines.append(
        f"  time: {wall[0]:.1f} ± {wall[1]:.1f} s of wall, "
        f"{cpu[0]:.1f} ± {cpu[1]:.1f} s of processor"
    )
    covered = ", ".join(
        f"{root} {number}" for root, number in sorted(baseline.covered_lines.items())
    )
    lines.append(f"  executed lines: {covered}; {baseline.unstable_lines} differ between runs")
    lines += [
        f"  seed {determinism.seed}: {determinism.summary}"
        for determinism in baseline.determinism_checks
    ]
    if baseline.depends_on_watching:
        lines.append(
            f"  Warning: {baseline.differing} of {baseline.measured} runs that coverage.py "
            "measured reported values of no clean run, although clean runs agree. The program "
            "may depend on time or on tracing."
        )
    return "\n".join(lines)


def baseline_json(baseline: Baseline) -> str:
    """The same as one JSON object."""
    values = asdict(baseline)
    values["certificates"] = values.pop("determinism_checks")
    for determinism in values["certificates"]:
        determinism["digests"] = sorted(determinism["digests"])
    return json.dumps(values)


def check_line(check: Check) -> str:
    """A check of the doctor."""
    mark = "warn" if check.warning else "ok  "
    return f"{mark if check.passed else 'FAIL'}  {check.question}: {check.seen}"


def check_json(check: Check) -> str:
    """The same as one JSON object."""
    return json.dumps(asdict(check))


def story_text(story: Story) -> str:
    """One mutant for a reader: the bug, what came of it, how we know, and what was printed."""
    mutant = story.mutant
    lines = [
        mutant.name,
        f"  id {mutant.id}; {'; '.join(_place(mutant, story.phases))}",
        "",
        story.diff.rstrip("\n"),
        "",
    ]
    if story.verdict is None:
        return "\n".join([*lines, "It has not run yet."])
    lines += _verdict_lines(story.verdict, story.outcome)
    if story.outcome is None:
        return "\n".join(lines)
    lines += _outcome_lines(story.outcome, story.clean)
    if story.log is None:
        return "\n".join([*lines, "", "What it printed is no part of the export (see its --logs)."])
    tail = story.log.rstrip().splitlines()[-LOG_TAIL:]
    lines += ["", "It printed, at the end:" if tail else "It printed nothing."]
    return "\n".join(lines + [f"  {line}" for line in tail])


def _place(mutant: Mutant, phases: Sequence[str]) -> Iterator[str]:
    """Where in the syntax, and when it runs, as far as that is known."""
    if mutant.context is not Context.UNKNOWN:
        yield mutant.context
    if UNKNOWN_PHASE in phases:
        yield "its phases are not known"
    else:
        yield f"runs in {', '.join(phases)}" if phases else "no clean run executes it"


def _verdict_lines(verdict: Verdict, outcome: Outcome | None) -> list[str]:
    """Symptom and rung with the reason, how they are known, and what else follows."""
    fate = f"{verdict.symptom} ({verdict.rung or 'rung not told apart'})"
    if verdict.rung in (Rung.CRASH, Rung.HANG):
        fate = verdict.symptom
    details = [_known_by(verdict, outcome), f"evidence: {verdict.evidence}"]
    details += [f"doubt: {doubt}" for doubt in doubts_of(verdict)]
    if verdict.rung is Rung.PROPAGATED and outcome is not None:
        details.append(_divergence(verdict.divergence))
    if verdict.compared:
        details += map(_compared, verdict.compared)
        fate = f"{fate}, {', '.join(verdict.impact)}" if verdict.impact else fate
    if outcome is not None and outcome.error is not None:
        details.append(_failure(outcome.error))
    if verdict.cause is not None:
        details.append(f"cause: {CLASSES[verdict.cause]} ({verdict.cause_why})")
    details += [_distance(verdict.distance)] if verdict.distance else []
    details += [_effort(verdict.effort)] if verdict.effort else []
    return [f"{fate}: {verdict.why}", *(f"  {detail}" for detail in details if detail)]


def _compared(compared: Compared) -> str:
    """Render one measure over all runs: which way it went, and by what numbers."""
    numbers = [f"{_counted(compared.runs, 'mutant run')}, {_counted(compared.clean, 'clean run')}"]
    if compared.difference is not None:
        difference = f"difference of means {compared.difference:.3g}"
        if compared.interval:
            difference += " (interval {:.3g} to {:.3g})".format(*compared.interval)
        numbers.append(difference)
    if compared.shared is not None:
        numbers.append(f"{compared.shared:.3g} in the {_counted(compared.pairs, 'shared draw')}")
    impact = compared.impact or "no difference is shown"
    why = f": {compared.why}" if compared.why else ""
    return f"{compared.measure}: {impact}{why} ({'; '.join(numbers)})"


def _known_by(verdict: Verdict, outcome: Outcome | None) -> str:
    if verdict.decided_by == RUN:
        twice = verdict.second not in (None, Second.MISSING)
        return "decided by its two runs with the same seed" if twice else "decided by its own run"
    run = "it needed no run" if outcome is None else "its run was ended early"
    return f"decided by the rule `{verdict.decided_by}` ({verdict.certainty}); {run}"


def _divergence(divergence: Divergence | None) -> str:
    """Where the reported values first leave those of clean runs."""
    if divergence is None:
        return "differs only in the parameters: every reported value is one of a clean run"
    here = "nothing more here" if divergence.value is None else f"{divergence.value} here"
    usual = " or ".join(divergence.clean) or "nothing more"
    place = f"{divergence.metric} at step {divergence.step} (in {divergence.phase})"
    return f"first differs in {place}: {here}, {usual} in clean runs"


def _failure(error: Failure) -> str:
    """What was raised, and where."""
    what = f"raised {error.type}"
    if not error.frames:
        return what
    place = error.frames[-1]
    return f"{what} at {place.file}:{place.line} in {place.function}"


def _distance(distance: Distance) -> str:
    """How far from the edit the exception came up, as far as it is known."""
    known = []
    if distance.calls is not None:
        below = f"{_counted(distance.calls, 'call')} below the changed function"
        known.append(below if distance.calls else "in the changed function itself")
    if distance.lines is not None:
        away = f"{_counted(distance.lines, 'line')} away"
        known.append(away if distance.lines else "on the changed line")
    if distance.seconds is not None:
        after = f"{duration(distance.seconds)} after"
        known.append(
            f"{after if distance.seconds >= 0.1 else 'at once after'} its first evaluation"
        )
    return f"surfaced {', '.join(known)}" if known else ""


def _effort(effort: Effort) -> str:
    """Work and time against clean runs, where they are not alike."""
    work = "; ".join(
        f"{here:,} {_singular(name) if here == 1 else name}, clean {clean:,}"
        for name, (here, clean) in effort.work.items()
        if here != clean
    )
    ratio = effort.cpu_ratio
    times = f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}"
    times += " times the processor time"
    match effort.pace:
        case Pace.ALIKE:
            return ""
        case Pace.MORE_WORK | Pace.LESS_WORK:
            return f"did {effort.pace}: {work}"
    if not effort.work:
        return f"took {times} of clean runs; what work it did was not counted"
    return f"did the clean amount of work in {times}"


def _singular(name: str) -> str:
    """Epochs to epoch, batches to batch."""
    return name.removesuffix("es" if name.endswith("ches") else "s")


def _counted(number: int, noun: str) -> str:
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def _outcome_lines(outcome: Outcome, clean: Sequence[Noise]) -> list[str]:
    """How the run ended, how often it met the bug, and what it reported."""
    usual = {noise.metric: f"{noise.mean:.4g} ± {noise.deviation:.2g}" for noise in clean}
    metrics = ", ".join(
        f"{name} {value:g} (clean: {usual.get(name, 'unknown')})"
        for name, value in outcome.metrics.items()
    )
    lines = [
        f"  {_ending(outcome)} after {duration(outcome.seconds)} "
        f"({duration(outcome.cpu_seconds)} of processor, {amount(outcome.peak_rss)} at most)",
        f"  {_hits(outcome)}",
        f"  metrics: {metrics or 'none reported'}",
    ]
    if outcome.stack:
        lines += ["  where it stood:", *(f"    {line}" for line in outcome.stack.splitlines()[:12])]
    return lines


def _hits(outcome: Outcome) -> str:
    """How often the changed code was evaluated, and when first."""
    if outcome.hits is None:
        return "whether the changed code was evaluated could not be told"
    if not outcome.hits:
        return "the changed code was never evaluated"
    times = "once" if outcome.hits == 1 else f"{outcome.hits:,} times"
    if outcome.first_hit is None:
        return f"the changed code was evaluated {times}"
    first = "" if outcome.hits == 1 else "first "
    return f"the changed code was evaluated {times}, {first}after {duration(outcome.first_hit)}"


def _ending(outcome: Outcome) -> str:
    """What ended the run."""
    ending = outcome.exit.ending
    if outcome.settled:
        return "was ended early"
    if ending in (Ending.EXITED, Ending.SIGNAL):
        return f"{ending} {outcome.exit.code}"
    return f"stopped at its {ending}"


def story_json(story: Story) -> str:
    """The same as one JSON object."""
    return json.dumps(
        {
            **mutant_fields(story.mutant, story.phases),
            "diff": story.diff,
            "verdict": _verdict_fields(story.verdict) if story.verdict else None,
            "outcome": asdict(story.outcome) if story.outcome else None,
            "log": story.log,
        }
    )


def _verdict_fields(verdict: Verdict) -> dict[str, Any]:
    return {**asdict(verdict), "class": verdict.certainty}


def imported_text(found: Imported, folder: Path) -> str:
    """What an import brought, and the first doubts."""
    kind = "a campaign" if found.facts else "records made elsewhere"
    lines = [f"{kind}: {found.mutants} mutants and {found.clean} clean runs in {folder}"]
    lines += [f"  {number} records of kind `{k}` skipped" for k, number in found.skipped.items()]
    if found.unreadable:
        lines.append(f"  {len(found.unreadable)} unreadable records skipped, the first in line "
                     f"{found.unreadable[0].line}: {found.unreadable[0].what}")  # fmt: skip
    if not found.doubts:
        return "\n".join([*lines, "  no doubts"])
    lines.append(f"  {len(found.doubts)} doubts:")
    lines += [
        f"    line {doubt.line}: {doubt.record}: {doubt.check}: {doubt.what}"
        for doubt in found.doubts[:MOST_DOUBTS]
    ]
    if len(found.doubts) > MOST_DOUBTS:
        lines.append(f"    and {len(found.doubts) - MOST_DOUBTS} more: see `trainwreck report`")
    left = f"{found.left_out} left out" if found.left_out else "all kept; --leave-out-doubtful"
    return "\n".join([*lines, f"  {left}"])


def imported_json(found: Imported) -> str:
    """The same for machines, with all doubts."""
    values = asdict(found)
    values["doubts"] = [asdict(doubt) | {"what": doubt.what} for doubt in found.doubts]
    return json.dumps(values, default=str)
