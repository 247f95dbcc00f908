"""Formats what the commands print: for people, and as JSON lines."""

from dataclasses import asdict
from pathlib import Path

from trainwreck.campaign.transfer import Imported
from trainwreck.model.draws import FIRST_SEED
from trainwreck.report.clean_sentences import clean_endings, covers
from trainwreck.report.outlook import comparing
from trainwreck.report.printable import json_text, one_line
from trainwreck.results.baseline import Baseline
from trainwreck.subject.studies import StudyState

MOST_DOUBTS = 20


def study_text(state: StudyState) -> str:
    """Describe a study in a few lines: what it is, whether it runs here, or why not."""
    python = state.python or "this Python"
    needs = ", ".join([*state.packages, *state.programs]) or "nothing"
    lines = [f"{state.name}: bugs in {', '.join(state.targets)}; on {python}"]
    lines.append(f"  needs {needs}")
    lines += [f"  cannot run here: {obstacle}" for obstacle in state.obstacles]
    if not state.obstacles and state.has_environment:
        lines.append("  can run here; its environment is there")
    elif not state.obstacles:
        lines.append("  can run here; its environment is made when it is first run")
        lines += [f"  {state.note}"] if state.note else []
    return "\n".join(map(one_line, lines))


def study_json(state: StudyState) -> str:
    """Return one line of ``study --list --json``."""
    fields = asdict(state)
    fields["made"] = fields.pop("has_environment")  # The public name of the field.
    return json_text(fields)


def baseline_text(baseline: Baseline) -> str:
    """Describe the clean program in a few lines."""
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
        f"  seed {determinism.seed}: {clean_endings(determinism.endings)}"
        for determinism in baseline.determinism_checks
        if determinism.runs > 1 or determinism.seed == FIRST_SEED
    ]
    if baseline.comparison is not None:
        lines.append(f"  impacts: {comparing(baseline.comparison)}")
    lines.append(f"  {covers(baseline.covers)}")
    if baseline.depends_on_watching:
        lines.append(
            f"  Warning: {baseline.differing} of {baseline.measured} runs that coverage.py "
            "measured reported values of no clean run, although clean runs agree. The program "
            "may depend on time or on tracing."
        )
    return "\n".join(map(one_line, lines))


def baseline_json(baseline: Baseline) -> str:
    """Return the baseline as one JSON object."""
    values = asdict(baseline)
    values["certificates"] = values.pop("determinism_checks")
    for determinism in values["certificates"]:
        determinism["digests"] = sorted(determinism["digests"])
    return json_text(values)


def imported_text(imported: Imported, folder: Path) -> str:
    """Describe what an import brought, and its first doubts."""
    kind = "a campaign" if imported.facts else "imported records"
    lines = [f"{kind}: {imported.mutants} mutants and {imported.clean} clean runs in {folder}"]
    lines += [f"  {number} records of kind `{k}` skipped" for k, number in imported.skipped.items()]
    if imported.unreadable:
        lines.append(f"  {len(imported.unreadable)} unreadable records skipped, the first in line "
                     f"{imported.unreadable[0].line}: {imported.unreadable[0].what}")  # fmt: skip
    if not imported.doubts:
        return "\n".join(map(one_line, [*lines, "  no doubts"]))
    lines.append(f"  {len(imported.doubts)} doubts:")
    lines += [
        f"    line {doubt.line}: {doubt.record}: {doubt.check}: {doubt.what}"
        for doubt in imported.doubts[:MOST_DOUBTS]
    ]
    if len(imported.doubts) > MOST_DOUBTS:
        more = len(imported.doubts) - MOST_DOUBTS
        lines.append(f"    and {more} more: see `trainwreck report --paper`")
    number = imported.left_out
    left = f"{number} left out" if number else "all kept; --leave-out-doubtful"
    return "\n".join(map(one_line, [*lines, f"  {left}"]))


def imported_json(imported: Imported) -> str:
    """Return what an import brought as one JSON object, with all doubts."""
    values = asdict(imported)
    values["doubts"] = [asdict(doubt) | {"what": doubt.what} for doubt in imported.doubts]
    return json_text(values, default=str)
