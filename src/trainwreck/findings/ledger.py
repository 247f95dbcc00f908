"""Tables of the ledger: rungs, rules, effort, divergence, and distance to crashes."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from statistics import median

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.phases import has_phases
from trainwreck.findings.tables import by_root, share_of, weighting
from trainwreck.model import (
    MASKED_VALUES,
    NO_VERDICT,
    RULES_IN_USE,
    RUN,
    RUNG_CLASSES,
    DigestComparison,
    DoubtfulMutants,
    Judged,
    Pace,
    Part,
    Remark,
    Rule,
    Rung,
    Second,
    Share,
    Table,
    Verdict,
)

UNKNOWN_RUNG = "rung unknown"
TOTAL = "Total"
PARAMETERS_ONLY, FILES_ONLY = "parameters only", "files only"
PARAMETERS_AND_FILES = "parameters and files"
NO_PHASE = "not in a clean run"
REPORTED_VALUE = "a reported value"

PHASE_NOTE = "Each mutant counts once, under the last phase in which its line runs."
RULES_NOTE = (
    "proven: its run would be, or was until it was ended, a clean run; assumed: very likely so; "
    "run: its own run to the end."
)
EFFORT_NOTE = "Processor time is that of the run divided by the clean mean with the same seed."
STEPS_NOTE = "Steps count the reported values of a metric from 1."
DIVERGENCE_NOTE = "The phase is that in which the value was reported."

VALUES_NOTE = f"{MASKED_VALUES}: nothing else was compared, so the state of the program may differ."

LEDGER_COLUMNS = (*RUNG_CLASSES, UNKNOWN_RUNG, NO_VERDICT)

Group = tuple[str, Sequence[Judged]]


def ledger_tables(
    judged: Sequence[Judged], remarks: Sequence[Remark] = (), order: Sequence[str] = ()
) -> list[Table]:
    """Return all tables of the ledger, that by root with the remarks first."""
    return [
        table_ledger(judged, remarks),
        _by_operator(judged),
        _by_phase(judged, order),
        _by_context(judged),
        table_rules(judged),
        table_effort(judged),
        table_divergence(judged, order),
        table_distance(judged),
    ]


def table_ledger(judged: Sequence[Judged], remarks: Sequence[Remark] = ()) -> Table:
    """Count the mutants by root and rung."""
    table = _rungs("ledger", "How far the bugs got", by_root(judged).items())
    return replace(table, remarks=(*remarks, *doubtful_of(judged)))


def doubtful_of(judged: Sequence[Judged]) -> Iterator[DoubtfulMutants]:
    """Yield the numbers of mutants that ended in a state that may be an unseen clean one."""
    propagated = [item.verdict for item in judged if item.verdict.rung is Rung.PROPAGATED]
    masked = [item.verdict for item in judged if item.verdict.rung is Rung.MASKED]
    doubtful = DoubtfulMutants(
        shared=sum(verdict.shared is not None for verdict in propagated),
        unproven=sum(v.second in (Second.MISSING, Second.UNREACHED) for v in propagated),
        half_masked=sum(verdict.second is Second.CLEAN for verdict in masked),
    )
    if doubtful != DoubtfulMutants(0, 0, 0):
        yield doubtful


def _by_operator(judged: Sequence[Judged]) -> Table:
    groups = operator_heads(judged).groups(judged).items()
    return _rungs("ledger-operator", "How far the bugs got, by operator", groups)


def _by_phase(judged: Sequence[Judged], order: Sequence[str]) -> Table:
    phases = _phase_order(judged, order)
    members: dict[str, list[Judged]] = {phase: [] for phase in (*phases, NO_PHASE)}
    for item in judged:
        members[max(item.phases, key=phases.index) if item.phases else NO_PHASE].append(item)
    groups = [(phase, items) for phase, items in members.items() if items]
    return _rungs("ledger-phase", "How far the bugs got, by phase", groups, PHASE_NOTE)


def _by_context(judged: Sequence[Judged]) -> Table:
    numbers = Counter(item.mutant.context for item in judged)
    groups = [
        (context, [item for item in judged if item.mutant.context is context])
        for context, _ in sorted(numbers.items(), key=lambda pair: (-pair[1], pair[0]))
    ]
    return _rungs("ledger-context", "How far the bugs got, by place in the syntax", groups)


def _phase_order(judged: Iterable[Judged], order: Sequence[str]) -> list[str]:
    """Return the phases in the program's order, then all others as mutants name them."""
    return list(dict.fromkeys([*order, *(phase for item in judged for phase in item.phases)]))


def _rungs(name: str, title: str, groups: Iterable[Group], note: str = "") -> Table:
    """Return a table with a row for each group: a share for each rung, and the total.

    What is masked by printed values alone, unknown rungs, and mutants without a verdict have a
    column where they occur.
    """
    groups = list(groups)
    classes = {group: [_rung_class(item) for item in members] for group, members in groups}
    occurring = {rung for own in classes.values() for rung in own}
    rungs = [rung for rung in LEDGER_COLUMNS if rung in list(Rung) or rung in occurring]
    rows = tuple(
        (
            group,
            *(share_of(members, [own == rung for own in classes[group]]) for rung in rungs),
            len(members),
        )
        for group, members in groups
    )
    note = " ".join(
        filter(
            None,
            [
                note,
                VALUES_NOTE if MASKED_VALUES in occurring else "",
                weighting([item for _, members in groups for item in members]),
            ],
        )
    )
    return Table(name, title, ("", *rungs, TOTAL), rows, note)


def _rung_class(item: Judged) -> str:
    return item.verdict.rung_class or UNKNOWN_RUNG


def table_rules(judged: Sequence[Judged]) -> Table:
    """Count the mutants by the rule that settled them, or by their own run."""
    numbers = Counter(item.verdict.decided_by for item in judged)
    ends = max((item.verdict.ends for item in judged), default=1)
    rows = [
        (
            rule,
            "proven" if rule.proven_where(ends) else "assumed",
            Share(numbers[rule], len(judged)),
        )
        for rule in Rule
        if rule in RULES_IN_USE or numbers[rule]
    ]
    return Table(
        "rules",
        "How the mutants were settled",
        ("", "Class", "Mutants"),
        (*rows, (RUN, RUN, Share(numbers[RUN], len(judged)))),
        RULES_NOTE,
    )


def table_effort(judged: Iterable[Judged]) -> Table:
    """Count the mutants that finished by their work and time against clean runs."""
    efforts = [item.verdict.effort for item in judged if item.verdict.effort]
    rows = []
    for pace in Pace:
        ratios = [effort.cpu_ratio for effort in efforts if effort.pace is pace]
        middle = median(ratios) if ratios else None
        rows.append((pace, Share(len(ratios), len(efforts)), middle))
    return Table(
        "effort",
        "Work and time of mutants that finished, against clean runs",
        ("", "Mutants", "Median processor time"),
        tuple(rows),
        EFFORT_NOTE,
    )


def table_divergence(judged: Sequence[Judged], order: Sequence[str] = ()) -> Table:
    """Count propagated mutants by phase and step of the first value that no clean run reports."""
    verdicts = [item.verdict for item in judged if item.verdict.rung is Rung.PROPAGATED]
    divergences = [verdict.divergence for verdict in verdicts if verdict.divergence]
    phases = list(dict.fromkeys([*_phase_order(judged, order), *(d.phase for d in divergences)]))
    numbers = Counter((d.phase, _steps(d.step)) for d in divergences)
    named = has_phases(phases)
    rows: list[tuple[object, ...]] = [
        (
            phase if named else REPORTED_VALUE,
            _range(steps),
            Share(numbers[phase, steps], len(verdicts)),
        )
        for phase, steps in sorted(numbers, key=lambda key: (phases.index(key[0]), key[1].start))
    ]
    unprinted = Counter(_unprinted(verdict) for verdict in verdicts if not verdict.divergence)
    rows += [(parts, None, Share(unprinted[parts], len(verdicts))) for parts in sorted(unprinted)]
    return Table(
        "divergence",
        "Where propagated mutants leave the clean runs",
        ("", "Step", "Mutants"),
        tuple(rows),
        f"{STEPS_NOTE} {DIVERGENCE_NOTE}" if named else STEPS_NOTE,
    )


def _unprinted(verdict: Verdict) -> str:
    """Return the parts that differ of a result whose every printed value is a clean run's."""
    compared = next((i for i in verdict.evidence if isinstance(i, DigestComparison)), None)
    parts = compared.differing if compared else ()
    if Part.FILES not in parts:
        return PARAMETERS_ONLY
    return PARAMETERS_AND_FILES if Part.PARAMETERS in parts else FILES_ONLY


def _steps(step: int) -> range:
    """Return the steps of the row that holds ``step``: 1, 2, … 10, 11 to 100, 101 to 1000, …"""
    if step <= 10:
        return range(step, step + 1)
    end = 100
    while step > end:
        end *= 10
    return range(end // 10 + 1, end + 1)


def _range(steps: range) -> str:
    return str(steps.start) if len(steps) == 1 else f"{steps.start} to {steps[-1]}"


def table_distance(judged: Iterable[Judged]) -> Table:
    """Return median and maximum of each distance between edit and crash, where it is known."""
    crashes = [item.verdict for item in judged if item.verdict.rung is Rung.CRASH]
    distances = [verdict.distance for verdict in crashes if verdict.distance]
    calls = [distance.calls for distance in distances if distance.calls is not None]
    lines = [distance.lines for distance in distances if distance.lines is not None]
    seconds = [distance.seconds for distance in distances if distance.seconds is not None]
    return Table(
        "distance",
        "How far from the edit crashes surface",
        ("", "Median", "Maximum", "Known for"),
        (
            ("calls below the changed function", *_extent(calls, len(crashes))),
            ("lines from the edit, in the same file", *_extent(lines, len(crashes))),
            ("seconds after the first evaluation", *_extent(seconds, len(crashes))),
        ),
        f"{len(calls)} of {len(crashes)} crashes have the changed function in the traceback.",
    )


def _extent(values: Sequence[float], crashes: int) -> tuple[object, ...]:
    share = Share(len(values), crashes)
    return (median(values), max(values), share) if values else (None, None, share)
