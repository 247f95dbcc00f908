"""What the commands print: for people, and as JSON lines."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from trainwreck.campaign import Baseline, Status, Story
from trainwreck.campaign.baseline import Noise
from trainwreck.cli.context import StudyState
from trainwreck.model import Ending, Exit, Mutant, Outcome, Share, Table
from trainwreck.report import amount, duration

LOG_TAIL = 15


def mutant_line(mutant: Mutant) -> str:
    """Id and sentence."""
    return f"{mutant.id}  {mutant.name}"


def mutant_fields(mutant: Mutant, phases: tuple[str, ...]) -> dict[str, Any]:
    """The public fields of a mutant."""
    span = mutant.span
    return {
        "id": mutant.id,
        "root": mutant.root,
        "file": mutant.file,
        "module": mutant.module,
        "function": mutant.function,
        "operator": mutant.operator,
        "line": span.line,
        "column": span.column,
        "end_line": span.end_line,
        "end_column": span.end_column,
        "original": mutant.edits[0].original,
        "replacement": mutant.edits[0].replacement,
        "context": mutant.context,
        "phases": list(phases),
        "name": mutant.name,
    }


def mutant_json(mutant: Mutant, phases: tuple[str, ...]) -> str:
    """One line of ``list --json``."""
    return json.dumps(mutant_fields(mutant, phases))


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
        f"  seed {certificate.seed}: {certificate.summary}" for certificate in baseline.certificates
    ]
    return "\n".join(lines)


def baseline_json(baseline: Baseline) -> str:
    """The same as one JSON object."""
    values = asdict(baseline)
    for certificate in values["certificates"]:
        certificate["digests"] = sorted(certificate["digests"])
    return json.dumps(values)


def status_text(status: Status) -> str:
    """Planned, done, left, by symptom and rung, cost."""
    symptoms = ", ".join(f"{name} {number}" for name, number in sorted(status.symptoms.items()))
    rungs = ", ".join(f"{name} {number}" for name, number in sorted(status.rungs.items()))
    return "\n".join(
        [
            f"{status.subject}: {status.planned} planned, {status.done} done, {status.left} left",
            f"  symptoms: {symptoms or 'none yet'}",
            f"  rungs: {rungs or 'none yet'}",
            f"  cost so far {duration(status.cost)} of processor, expected for the rest "
            f"{duration(status.expected)}",
        ]
    )


def status_json(status: Status) -> str:
    """The same as one JSON object."""
    return json.dumps(asdict(status))


def story_text(story: Story) -> str:
    """One mutant for a reader."""
    mutant = story.mutant
    lines = [
        mutant.name,
        f"  id {mutant.id}; {mutant.context}; runs in {', '.join(story.phases)}",
        "",
        story.diff.rstrip("\n"),
        "",
    ]
    if story.verdict is None or story.outcome is None:
        return "\n".join([*lines, "It has not run yet."])
    lines += [
        f"{story.verdict.symptom} ({story.verdict.rung or 'rung not told apart'}): "
        f"{story.verdict.why}",
        f"  evidence: {story.verdict.evidence}",
        *_outcome_lines(story.outcome, story.clean),
        "",
        "It printed, at the end:",
    ]
    tail = story.log.rstrip().splitlines()[-LOG_TAIL:]
    return "\n".join(lines + [f"  {line}" for line in tail])


def _outcome_lines(outcome: Outcome, clean: Sequence[Noise]) -> list[str]:
    usual = {noise.metric: f"{noise.mean:.4g} ± {noise.deviation:.2g}" for noise in clean}
    metrics = ", ".join(
        f"{name} {value:g} (clean: {usual.get(name, 'unknown')})"
        for name, value in outcome.metrics.items()
    )
    lines = [
        f"  {_ending(outcome.exit)} after {duration(outcome.seconds)} "
        f"({duration(outcome.cpu_seconds)} of processor, {amount(outcome.peak_rss)} at most)",
        f"  metrics: {metrics or 'none reported'}",
    ]
    if outcome.error is not None and outcome.place is not None:
        place = outcome.place
        lines.append(f"  raised at {place.file}:{place.line} in {place.function}")
    if outcome.stack:
        lines += ["  where it stood:", *(f"    {line}" for line in outcome.stack.splitlines()[:12])]
    return lines


def _ending(exit_: Exit) -> str:
    if exit_.ending in (Ending.EXITED, Ending.SIGNAL):
        return f"{exit_.ending} {exit_.code}"
    return f"stopped at its {exit_.ending}"


def story_json(story: Story) -> str:
    """The same as one JSON object."""
    return json.dumps(
        {
            **mutant_fields(story.mutant, story.phases),
            "diff": story.diff,
            "verdict": asdict(story.verdict) if story.verdict else None,
            "outcome": asdict(story.outcome) if story.outcome else None,
            "log": story.log,
        }
    )


def table_json(table: Table) -> str:
    """A table as one JSON object; a share is an object with count and total."""
    rows = [
        [asdict(cell) if isinstance(cell, Share) else cell for cell in row] for row in table.rows
    ]
    return json.dumps({**asdict(table), "rows": rows})
