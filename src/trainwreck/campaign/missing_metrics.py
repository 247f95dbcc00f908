"""Explains why a metric is missing in a clean run, and compares how metrics are read."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

from trainwreck.errors import CleanProgramError, UsageError
from trainwreck.model import Metric, Outcome, TrialKind
from trainwreck.run.metric_files import FOUND
from trainwreck.run.metric_lines import CODES, LINE_ENDS, LineReader, Steps
from trainwreck.run.output import CUT
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.value_kinds import suggestion

SHOWN_LINES = 3
SHOWN_NAMES = 12
LONGEST_SHOWN = 160
WORD = re.compile(r"[A-Za-z]{2,}")


def explain_missing(
    metrics: Sequence[Metric], outcome: Outcome, log: str, seed: int, reporting: int
) -> None:
    """Raise CleanProgramError where a clean run that ended well does not report a metric.

    Args:
        metrics: The metrics of the subject.
        outcome: The facts of the run.
        log: The printed text.
        seed: The seed of the run.
        reporting: Number of other clean runs; they report every metric.

    """
    metric = next((metric for metric in metrics if not outcome.steps.get(metric.name)), None)
    if metric is None or not outcome.exit.fine:
        return
    if metric.file:
        what, hint = _of_file(metric, outcome.observations.get(FOUND, {}).get(metric.name, {}))
    else:
        what, hint = _of_output(metric, log)
    if reporting:
        runs = "another clean run reports" if reporting == 1 else f"{reporting} clean runs report"
        what = f"the clean run with seed {seed} reports no `{metric.name}`, while {runs} it: {what}"
        hint = f"Make the program report `{metric.name}` in every run, or remove the metric."
    raise CleanProgramError(what, hint)


def _of_output(metric: Metric, log: str) -> tuple[str, str]:
    """Return what is wrong with the pattern of a metric, and a hint."""
    never = f"the pattern of metric `{metric.name}` never matched: {metric.pattern}"
    if not log.strip():
        return f"{never}; the program printed nothing", "Print the value, or read it from a `file`."
    if metric.stream and _values(replace(metric, stream=None), log):
        other = "stderr" if metric.stream == "stdout" else "stdout"
        never = f"metric `{metric.name}` is not printed to {metric.stream}: {metric.pattern}"
        return never, f'Write `stream = "{other}"`, or leave `stream` out.'
    lines = _lines(log)
    pattern = re.compile(metric.pattern)
    groups = [match[1] or "" for line in lines for match in pattern.finditer(line)]
    if groups:
        what = (
            f"the pattern of metric `{metric.name}` matched, but its group held no number: "
            f"{metric.pattern} found `{groups[-1][:LONGEST_SHOWN]}`"
        )
        return what, "Put the parentheses around the number alone."
    near = _near(metric.pattern, lines)
    if not near:
        what = f"{never}; no line of the output holds a number; it ends:\n"
        return what + _indented(lines[-SHOWN_LINES:]), "Make the program print the value."
    return f"{never}; lines that hold numbers:\n{_indented(near)}", "Correct the pattern."


def _near(pattern: str, lines: Sequence[str]) -> list[str]:
    """Return a few lines with numbers: those with most of the pattern's words, the last ones."""
    wanted = _words(re.sub(r"\\[A-Za-z]", " ", pattern))

    def shared(item: tuple[int, str]) -> tuple[int, int]:
        number, line = item
        there = _words(line)
        # `acc` is near to `accuracy`.
        near = sum(any(w.startswith(t) or t.startswith(w) for t in there) for w in wanted)
        return near, number

    numbered = [(number, line) for number, line in enumerate(lines) if re.search(r"\d", line)]
    nearest = sorted(sorted(numbered, key=shared)[-SHOWN_LINES:])
    return [line for _, line in nearest]


def _words(text: str) -> set[str]:
    return {word.lower() for word in WORD.findall(text)}


def _indented(lines: Iterable[str]) -> str:
    return "\n".join(f"    {line.strip()[:LONGEST_SHOWN]}" for line in lines)


def _lines(log: str) -> list[str]:
    return [line for line in LINE_ENDS.split(CODES.sub("", log)) if line.strip()]


def _of_file(metric: Metric, observed: dict[str, object]) -> tuple[str, str]:
    """Return what is wrong with the file of a metric, and a hint."""
    files = list(_texts(observed.get("files")))
    if not files:
        written = list(_texts(observed.get("written")))
        wrote = f"it wrote {_listed(written)}" if written else "it wrote no file"
        return (
            f"the program wrote no file that matches `{metric.file}`, where metric "
            f"`{metric.name}` is read; {wrote}",
            _correct("file", metric.file, written),
        )
    where, problem = _listed(files), observed.get("problem")
    if problem:
        return (
            f"metric `{metric.name}` cannot be read from {where}: {problem}",
            "Name a file of CSV, JSON, JSON lines, or TensorBoard events.",
        )
    names = list(_texts(observed.get("columns")))
    if not names:
        what = f"the column `{metric.column}` of {where} holds no number"
        return what, f"Make the program write `{metric.name}` there, or correct `column`."
    return (
        f"{where} has no column `{metric.column}`, where metric `{metric.name}` is read; it has "
        f"{_listed(names)}",
        _correct("column", metric.column, names),
    )


def _correct(key: str, name: str, names: Sequence[str]) -> str:
    """Return the hint to correct a key, with the name that is nearest."""
    return f"Correct `{key}`{suggestion(name, names) or '.'}"


def _texts(value: object) -> Iterator[str]:
    yield from map(str, value) if isinstance(value, list | dict) else ()


def _listed(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN_NAMES} more" if len(names) > SHOWN_NAMES else ""
    return ", ".join(names[:SHOWN_NAMES]) + more


def mixed_problem(metrics: Iterable[Metric], log: str) -> str:
    r"""Return the problem of a pattern that matches in single lines and over line ends as well.

    One of the two is not meant: after the header of a table, ``loss\s+(\S+)`` finds the first
    cell of the next row.
    """
    printed = [metric for metric in metrics if not metric.file]
    if any(metric.stream for metric in printed) or CUT.search(log):
        return ""  # The log is not the text that was read.
    for metric in printed:
        if not metric.spans_lines:
            continue
        alone: Steps = {}
        for line in LINE_ENDS.split(log):
            reader = LineReader([metric], alone)
            reader.feed(line)
            reader.close()
        if alone[metric.name] and alone[metric.name] != _values(metric, log):
            return (
                f"the pattern of metric `{metric.name}` matches within lines and over their ends "
                f"as well, so that one of the two is not meant: {metric.pattern} (`[ \\t]` in "
                "place of `\\s` stays on a line)"
            )
    return ""


def check_reading(file: CampaignFile, metrics: Iterable[Metric]) -> None:
    """Raise UsageError where this version reads other values in the log of a clean run.

    Runs that are read in two ways cannot be compared.
    """
    printed = [metric for metric in metrics if not metric.file]
    if any(metric.stream for metric in printed):
        return  # A log does not say which of its lines came by which stream.
    for _, _, outcome in file.outcomes(TrialKind.CLEAN):
        log = file.log(outcome.trial_id) if file.has_log(outcome.trial_id) else ""
        if not log or CUT.search(log):
            continue
        for metric in printed:
            stored = outcome.steps.get(metric.name)
            if stored is not None and _values(metric, log) != list(stored):
                raise UsageError(
                    f"metric `{metric.name}` is read in another way than by the version of "
                    "trainwreck that made the clean runs of this campaign",
                    "Start a new campaign with `--campaign DIR`.",
                )
        return


def _values(metric: Metric, log: str) -> list[str]:
    steps: Steps = {}
    reader = LineReader([metric], steps)
    reader.feed(log)
    reader.close()
    return steps[metric.name]
