"""Chooses the metrics to propose among all numbers that a run printed or wrote."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from trainwreck.campaign.init.kinds import (
    Data,
    Kind,
    full_name,
    kind_of,
    margin_of,
    metric_name,
    range_of,
)
from trainwreck.campaign.init.numbers import (
    Printed,
    PrintedLine,
    lines_of,
    pattern_for,
    printed_numbers,
    reads,
)
from trainwreck.campaign.init.tables import WrittenColumn, table_numbers
from trainwreck.model import Better, Metric
from trainwreck.model.proposal import SeenMetric

MOST_METRICS = 3
MOST_OTHERS = 6
MOST_TRIED = 40
"""Numbers for which a pattern is searched, the most telling ones first."""
FEWEST_TRIED = 8
MOST_READ = 20_000_000
"""Characters of output, all numbers together, that are searched at once for patterns."""
LONGEST_NAME = 60
LEAST_SCORE = 20
"""The score below which a number is shown, and not proposed."""
OF_DATA = {Data.TEST: 30, Data.VALIDATION: 25, Data.TRAINING: -10, Data.UNKNOWN: 0}
FILE_SCORE = -4
"""A printed value comes first: a run can be ended early at it."""
AVERAGES = {"average", "avg", "mean", "running", "smoothed"}
"""Words for what varies less than a single value, as of one episode or one batch."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A number that may be a metric, with a score of how telling it is."""

    kind: Kind
    name: str
    score: int
    metric: Metric
    texts: tuple[str, ...]
    line: str = ""
    is_redrawn: bool = False

    @property
    def seen(self) -> SeenMetric:
        """Return it as part of a proposal."""
        is_guessed = not self.kind.word
        return SeenMetric(self.metric, self.texts, self.line, self.is_redrawn, is_guessed)


def choose_metrics(
    output: str, columns: Sequence[WrittenColumn]
) -> tuple[tuple[SeenMetric, ...], tuple[SeenMetric, ...]]:
    """Return the metrics to propose, the most telling one first, and what else was reported.

    Args:
        output: What the run printed.
        columns: The columns of the files that it wrote.

    """
    lines = lines_of(output)
    candidates = [*_printed(lines, output), *_in_tables(lines, output), *_in_files(columns)]
    candidates.sort(key=lambda candidate: -candidate.score)
    chosen: list[Candidate] = []
    for candidate in candidates:
        if candidate.score >= LEAST_SCORE and _adds(candidate, chosen):
            chosen.append(candidate)
    likely = [c for c in candidates if c.score >= LEAST_SCORE]
    if not chosen:
        # No name is known, as in a language other than English: any of them may be wanted.
        likely = [c for c in candidates if _varies(c.texts) or len(c.texts) == 1]
        chosen = likely[:1]
    values = {candidate.texts for candidate in chosen}
    others = [c for c in likely if c not in chosen and c.texts not in values][:MOST_OTHERS]
    named = _with_own_names([*chosen, *others])
    return (
        tuple(c.seen for c in named[: len(chosen)]),
        tuple(c.seen for c in named[len(chosen) :]),
    )


def _adds(candidate: Candidate, chosen: Sequence[Candidate]) -> bool:
    """Return whether a further metric says what the chosen ones do not."""
    if len(chosen) >= MOST_METRICS or any(c.texts == candidate.texts for c in chosen):
        return False
    same = [c for c in chosen if c.kind.better is candidate.kind.better]
    if not same:
        return True
    is_other = all(_family(c.kind) != _family(candidate.kind) for c in same)
    return is_other and candidate.kind.data is not Data.TRAINING


def _family(kind: Kind) -> str:
    return {"acc": "accuracy", "top1": "accuracy", "losses": "loss"}.get(kind.word, kind.word)


def _with_own_names(candidates: Sequence[Candidate]) -> list[Candidate]:
    """Return the candidates with names that no two have."""
    names: set[str] = set()
    named = []
    for candidate in candidates:
        name, number = candidate.metric.name, 2
        if name in names:
            name = full_name(candidate.name) or name
        while name in names:
            name, number = f"{candidate.metric.name}_{number}", number + 1
        names.add(name)
        named.append(replace(candidate, metric=replace(candidate.metric, name=name)))
    return named


def _printed(lines: Sequence[PrintedLine], output: str) -> Iterator[Candidate]:
    """Yield the printed numbers for which there is a pattern."""
    ranked = []
    for item in printed_numbers(lines):
        kind = kind_of(item.name, item.before)
        if kind is not None and len(item.name) <= LONGEST_NAME:
            ranked.append((_score(item, kind, len(lines)), item, kind))
    ranked.sort(key=lambda ranked_item: -ranked_item[0])
    tried = min(MOST_TRIED, max(FEWEST_TRIED, MOST_READ // (len(output) + 1)))
    for score, item, kind in ranked[:tried]:
        if pattern := pattern_for(item, output):
            line = lines[item.lines[-1]].text.strip()
            is_percent = item.percents == len(item.texts)
            texts, is_redrawn = tuple(item.texts), item.redrawn > 0
            yield _candidate(
                kind, _name_of(item), score, texts, pattern, line, is_redrawn, is_percent
            )


def _score(item: Printed, kind: Kind, lines: int) -> int:
    score = _score_of(kind, item.texts) + OF_DATA[kind.data]
    score -= 40 if item.redrawn else 0
    score -= 30 if item.counts else 0
    score -= 6 if "(" in "".join(item.pieces[1:]) and not item.counts else 0
    score -= 40 if item.pieces[-1].strip().startswith("/") else 0  # the 10 of `3/10`
    score += 5 if item.lines[-1] >= lines - max(20, lines // 5) else 0
    words = set(item.name.lower().split())
    score += 4 if AVERAGES & words else 0
    return score + (10 if {"final", "best"} & words or _is_of_best(item) else 0)


def _is_of_best(item: Printed) -> bool:
    """Return whether a number is the best so far: ``Best is trial 3 with value: 0.5``."""
    return "best" in item.clause.lower().split()


def _name_of(item: Printed) -> str:
    """Return the name of a number, as it says itself or as the words in front say."""
    if not _is_of_best(item):
        return item.name
    return f"best {item.name.removeprefix('with ').removeprefix('of ')}"


def _score_of(kind: Kind, texts: Sequence[str]) -> int:
    """Return the score of a name and of values: results of training vary, and are no whole."""
    score = 0 if not kind.word else 60 if kind.better is Better.HIGHER else 50
    if all(text.lstrip("+-").isdecimal() for text in texts):
        score -= 15
    return score - (25 if len(texts) > 2 and not _varies(texts) else 0)


def _varies(texts: Sequence[str]) -> bool:
    return len(set(texts)) > 1


def _in_tables(lines: Sequence[PrintedLine], output: str) -> Iterator[Candidate]:
    for name, pattern, texts in table_numbers(lines):
        kind = kind_of(name)
        numbers = [float(text.rstrip("%").replace(",", "")) for text in texts]
        if kind is not None and reads(pattern, output, numbers):
            score = _score_of(kind, texts) + OF_DATA[kind.data] - 2
            yield _candidate(kind, name, score, tuple(texts), pattern)


def _in_files(columns: Sequence[WrittenColumn]) -> Iterator[Candidate]:
    for column in columns:
        name = column.column.split(".")[-1] if "/" not in column.column else column.column
        kind = kind_of(name, column.column)
        if kind is None:
            continue
        score = _score_of(kind, column.texts) + OF_DATA[kind.data] + FILE_SCORE
        found = _candidate(kind, name, score, column.texts, "")
        metric = replace(found.metric, file=column.file, column=column.column)
        yield replace(found, metric=metric)


def _candidate(
    kind: Kind,
    name: str,
    score: int,
    texts: tuple[str, ...],
    pattern: str,
    line: str = "",
    is_redrawn: bool = False,
    is_percent: bool = False,
) -> Candidate:
    values = [float(text.rstrip("%").replace(",", "")) for text in texts]
    limits = range_of(kind, values, is_percent)
    margin = margin_of(kind, limits, values[-1])
    metric = Metric(metric_name(name, kind) or "metric", pattern, kind.better, limits, margin)
    return Candidate(kind, name, score, metric, texts, line, is_redrawn)
