"""One mutant's story: the bug, what came of it and how that is known, as text and as JSON."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from itertools import compress
from operator import not_
from typing import Any

from trainwreck.exchange.writer import mutant_fields
from trainwreck.findings import CLASSES, without_phases
from trainwreck.judge.endings import doubts_of
from trainwreck.model import (
    LEFT_SHARED,
    MASKED_VALUES,
    RUN,
    UNKNOWN_PHASE,
    ChosenProcess,
    Context,
    DigestComparison,
    Distance,
    Effort,
    Ending,
    EvidenceItem,
    Failure,
    Metric,
    Mutant,
    MutantCost,
    Outcome,
    OwnBug,
    Pace,
    Part,
    Rung,
    Second,
    Verdict,
    chosen_process,
    values_that_count,
)
from trainwreck.report.crashes import cause_reason
from trainwreck.report.evidence_sentences import evidence
from trainwreck.report.printable import fitted, json_text, one_line, short_lines
from trainwreck.report.processes import process_words
from trainwreck.report.reasons import comparison, reasons
from trainwreck.report.sentences import unprinted, why
from trainwreck.report.small_curves import curve_lines
from trainwreck.report.words import amount, counted, duration, times
from trainwreck.results.baseline import Noise
from trainwreck.results.story import NoDiff, Story

LOG_TAIL = 15


def story_text(story: Story, width: int | None = None) -> str:
    """Return the story for a reader: the bug, its outcome, the evidence, and the printed text.

    Args:
        story: The story.
        width: Columns of a page on which sentences are broken between words; code, curves and
            what was printed stay as they are. None breaks nothing.

    """
    bug, fate = (
        [fitted(one_line(line), width) for line in lines]
        for lines in (_bug_lines(story), fate_lines(story))
    )
    diff = short_lines(_diff(story).rstrip("\n"))
    curve = list(map(one_line, curve_lines(story)))
    space = [""] if curve else []
    return "\n".join([*bug, "", diff, "", *fate, *space, *curve, *_log_lines(story)])


def _bug_lines(story: Story) -> list[str]:
    mutant = story.mutant
    return [mutant.name, f"  {'; '.join([f'id {mutant.id}', *_place(story)])}"]


def fate_lines(story: Story) -> list[str]:
    """Return what came of a bug, and how that is known, in lines for a reader."""
    if story.verdict is None:
        waits = "Its first report was as in a clean run. It waits for a run to the end with others."
        return [waits if story.outcome else "It has not run yet."]
    verdict = story.verdict if story.has_phases else without_phases(story.verdict)
    lines = _verdict_lines(verdict, story.outcome)
    if story.outcome is None:
        return lines
    lines += _outcome_lines(story.outcome, story.clean, story.metrics)
    lines += [f"  {_cost(story.cost)}"] if story.cost else []
    return [*lines, *_place_lines(story.mutant, story.outcome)]


def _cost(cost: MutantCost) -> str:
    """Say what the verdict cost; further seeds apart, as most go to few mutants."""
    total = duration(cost.first + cost.further)
    text = f"the verdict cost {total} of processor"
    if cost.draws < 2:
        return text
    further = counted(cost.draws - 1, "run")
    return f"{text}, {duration(cost.further)} of it for {further} with other seeds or folds"


def _log_lines(story: Story) -> list[str]:
    """Return the end of what the run printed; there, tabs are usual."""
    if story.verdict is None or story.outcome is None:
        return []
    if story.log is None:
        return ["", "What it printed is no part of the export (see its --logs)."]
    tail = story.log.rstrip().splitlines()[-LOG_TAIL:]
    head = "It printed, at the end:" if tail else "It printed nothing."
    return ["", head, *(f"  {short_lines(line)}" for line in tail)]


def _diff(story: Story) -> str:
    """Return the change, or a line that says why it cannot be shown."""
    match story.diff:
        case NoDiff.RECORD:
            return "(imported records: neither the sources nor the runs are here)\n"
        case NoDiff.IMPORTED:
            return "(imported: the sources of the campaign are not here)\n"
        case NoDiff.CHANGED:
            return f"({story.source} is no longer the file that the mutant was made for)\n"
    return story.diff


def _place(story: Story) -> Iterator[str]:
    """Yield the position in the syntax and the phases, as far as there are any."""
    phases = story.phases
    if story.mutant.context is not Context.UNKNOWN:
        yield story.mutant.context
    if not phases:
        yield "no clean run executes it"
    elif UNKNOWN_PHASE in phases:
        yield "its phases are not known"
    elif story.has_phases:
        yield f"runs in {', '.join(phases)}"


def _verdict_lines(verdict: Verdict, outcome: Outcome | None) -> list[str]:
    """Return symptom and rung, the reason with its evidence, and all that follows."""
    fate = f"{verdict.symptom_class} ({verdict.rung_class or 'rung unknown'})"
    if verdict.rung_class == MASKED_VALUES:
        fate = f"{verdict.symptom}, {MASKED_VALUES}"
    if verdict.rung in (Rung.CRASH, Rung.HANG) or verdict.symptom is None:
        fate = verdict.symptom_class
    details = [_known_by(verdict, outcome), f"evidence: {evidence(verdict)}"]
    if verdict.rung is Rung.PROPAGATED and outcome is not None:
        details.append(_divergence(verdict))
    if verdict.compared:
        details += map(comparison, verdict.compared)
        fate = f"{fate}, {', '.join(verdict.impact)}" if verdict.impact else fate
    if outcome is not None and outcome.error is not None:
        details.append(_failure(outcome.error))
    if verdict.cause is not None:
        details.append(f"cause: {CLASSES[verdict.cause]} ({cause_reason(verdict.cause_reason)})")
    details += [_distance(verdict.distance)] if verdict.distance else []
    details += [_effort(verdict.effort)] if verdict.effort else []
    return [fate, *(f"  {detail}" for detail in (why(verdict), *details) if detail)]


def _known_by(verdict: Verdict, outcome: Outcome | None) -> str:
    if verdict.decided_by == RUN:
        twice = verdict.second not in (None, Second.MISSING)
        return "decided by its two runs with the same seed" if twice else "decided by its own run"
    run = "it needed no run" if outcome is None else "its run was ended early"
    return f"decided by the rule `{verdict.decided_by}` ({verdict.certainty}); {run}"


def _divergence(verdict: Verdict) -> str:
    """Say where the reported values first leave those of clean runs, or what else differs."""
    divergence = verdict.divergence
    if divergence is None:
        compared = next((i for i in verdict.evidence if isinstance(i, DigestComparison)), None)
        differing = unprinted(compared)
        return f"differs only in {differing}: every reported value is one of a clean run"
    here = "nothing more here" if divergence.value is None else f"{divergence.value} here"
    usual = " or ".join(divergence.clean) or "nothing more"
    phase = f" (in {divergence.phase})" if divergence.phase else ""
    position = f"{divergence.metric} at step {divergence.step}{phase}"
    return f"first differs in {position}: {here}, {usual} in clean runs"


def _failure(error: Failure) -> str:
    """Say which exception was raised on which line."""
    if not error.frames:
        return f"raised {error.type}"
    frame = error.frames[-1]
    return f"raised {error.type} at {frame.file}:{frame.line} in {frame.function}"


def _distance(distance: Distance) -> str:
    """Say how far from the edit the exception came up, as far as it is known."""
    parts = []
    if distance.calls is not None:
        below = f"{counted(distance.calls, 'call')} below the changed function"
        parts.append(below if distance.calls else "in the changed function itself")
    if distance.lines is not None:
        away = f"{counted(distance.lines, 'line')} away"
        parts.append(away if distance.lines else "on the changed line")
    if distance.seconds is not None:
        after = f"{duration(distance.seconds)} after"
        parts.append(
            f"{after if distance.seconds >= 0.1 else 'at once after'} its first evaluation"
        )
    return f"surfaced {', '.join(parts)}" if parts else ""


def _effort(effort: Effort) -> str:
    """Compare work and time with clean runs, where they are not alike."""
    work = "; ".join(
        f"{here:,} {_singular(name) if here == 1 else name}, clean {clean:,}"
        for name, (here, clean) in effort.work.items()
        if here != clean
    )
    ratio = effort.cpu_ratio
    cpu_time = f"{ratio:.2g}" if ratio < 10 else f"{ratio:,.0f}"
    cpu_time += " times the CPU time"
    match effort.pace:
        case Pace.ALIKE:
            return ""
        case Pace.MORE_WORK | Pace.LESS_WORK:
            return f"did {effort.pace}: {work}"
    if not effort.work:
        return f"took {cpu_time} of clean runs; its work was not counted"
    return f"did the clean amount of work in {cpu_time}"


def _process_lines(process: ChosenProcess | None) -> list[str]:
    """Say which process of several did the work, and why it was taken for the program's."""
    return [f"  the program's process: {process_words(process)}"] if process else []


def _singular(name: str) -> str:
    """Return ``epoch`` for ``epochs``, ``batch`` for ``batches``."""
    return name.removesuffix("es" if name.endswith("ches") else "s")


def _outcome_lines(
    outcome: Outcome, clean: Sequence[Noise], described: Sequence[Metric]
) -> list[str]:
    """Say how the run ended, how often it ran the mutated code, and which values it reported."""
    none = "none reported before the run was ended" if outcome.settled else "none reported"
    usual = {noise.metric: f"{noise.mean:.4g} ± {noise.deviation:.2g}" for noise in clean}
    metrics = ", ".join(
        f"{name} {value:g} (clean: {usual.get(name, 'unknown')})"
        for name, value in values_that_count(outcome.steps, described).items()
    )
    lines = [
        f"  {_ending(outcome)} after {duration(outcome.seconds)} "
        f"({duration(outcome.cpu_seconds)} of processor, {amount(outcome.peak_rss)} at most)",
        f"  {_hits(outcome)}",
        *_process_lines(chosen_process(outcome.observations)),
        f"  metrics: {metrics or none}",
    ]
    if left := outcome.observations.get(LEFT_SHARED):
        lines.append(f"  may have left in shared memory: {', '.join(map(str, left))}")
    if stood := [line for line in outcome.stack.splitlines() if line.strip()]:
        lines += ["  where it stood:", *(f"    {line}" for line in stood[:12])]
    return lines


def _hits(outcome: Outcome) -> str:
    """Say how often the mutated code ran, and when first."""
    if outcome.hits is None:
        return "it is not known how often the mutated code ran"
    if not outcome.hits:
        return "the mutated code never ran"
    ran = f"the mutated code ran {times(outcome.hits)}"
    if outcome.first_hit is None:
        return ran
    first = "" if outcome.hits == 1 else "first "
    return f"{ran}, {first}after {duration(outcome.first_hit)}"


def _place_lines(mutant: Mutant, outcome: Outcome) -> Iterator[str]:
    """Say which places of a user's own bug ran, where it has several."""
    places = mutant.places if isinstance(mutant, OwnBug) else ()
    if len(places) > 1 and outcome.hits is not None:
        ran = [f"place {number}" in outcome.observations for number in range(len(places))]
        yield f"  ran at {_joined(places, ran)}; did not at {_joined(places, map(not_, ran))}"


def _joined(places: Iterable[str], chosen: Iterable[bool]) -> str:
    return ", ".join(dict.fromkeys(compress(places, chosen))) or "none"


def _ending(outcome: Outcome) -> str:
    """Say what ended the run."""
    ending = outcome.exit.ending
    if ending is Ending.STUCK:
        return "was stopped, as it was stuck,"
    if outcome.settled:
        return "was ended early"
    if ending in (Ending.EXITED, Ending.SIGNAL):
        return str(outcome.exit)
    if not ending.proves:
        return ending.value
    return f"stopped at its {ending}"


def story_json(story: Story) -> str:
    """Return the same as one JSON object."""
    return json_text(
        {
            **mutant_fields(story.planned),
            "diff": _diff(story),
            "verdict": _verdict_fields(story.verdict) if story.verdict else None,
            "outcome": _outcome_fields(story.outcome) if story.outcome else None,
            "log": story.log,
            "cost": asdict(story.cost) if story.cost else None,
        }
    )


def _outcome_fields(outcome: Outcome) -> dict[str, Any]:
    """Return the fields of an outcome; most runs have no observations."""
    values = asdict(outcome)
    if not outcome.observations:
        del values["observations"]
    return values


def _verdict_fields(verdict: Verdict) -> dict[str, Any]:
    """Return a verdict as data, with the sentences that people read beside it."""
    compared = [{**asdict(item), "why": reasons(item)} for item in verdict.compared]
    return {
        **asdict(verdict),
        "compared": compared,
        "evidence": evidence(verdict),
        "facts": [_fact_fields(item) for item in verdict.evidence],
        "why": why(verdict),
        "cause_why": cause_reason(verdict.cause_reason),
        "doubts": doubts_of(verdict),
        "class": verdict.certainty,
    }


def _fact_fields(item: EvidenceItem) -> dict[str, Any]:
    """Return a fact with its kind: ``digest_comparison`` for a ``DigestComparison``."""
    kind = re.sub(r"(?<!^)(?=[A-Z])", "_", type(item).__name__).lower()
    fields = {"kind": kind, **asdict(item)}
    if isinstance(item, DigestComparison):
        fields["parameters"] = Part.PARAMETERS in item.parts  # As it was before there were parts.
    return fields
