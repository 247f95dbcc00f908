"""The checks of the doctor in words, and as JSON."""

from collections.abc import Sequence
from dataclasses import asdict

from trainwreck.campaign.causes import Causes
from trainwreck.campaign.checks import (
    BareRun,
    Check,
    ContainmentFacts,
    OtherFilesFacts,
    OutsideFiles,
    PlantedRun,
    Question,
    ReachedFacts,
    ReportedMetrics,
    SeedFacts,
    TakenProcesses,
    WatchedRuns,
)
from trainwreck.cli.causes import causes_in_words
from trainwreck.model import (
    ComparisonOutlook,
    DigestCovers,
    Repeatability,
    RuleOutlook,
    SeedUse,
    Which,
)
from trainwreck.report.clean_sentences import clean_endings, covers, outlook
from trainwreck.report.containment import contained, other_files, reached, written_outside
from trainwreck.report.evidence_sentences import ending
from trainwreck.report.outlook import (
    able_line,
    comparing,
    limit_lines,
    rule_answer,
    rules_line,
    unable,
    uncounted_line,
)
from trainwreck.report.printable import json_text, one_line
from trainwreck.report.processes import process_words
from trainwreck.report.seeds import seed_results
from trainwreck.report.words import counted, joined, times
from trainwreck.results.found_metrics import FoundMetric


def check_line(check: Check) -> str:
    """Return a check in one line."""
    mark = "warn" if check.warning else "note" if check.note else "ok  "
    line = f"{mark if check.passed else 'FAIL'}  {_subject(check)}"
    return one_line(f"{line}: {_seen(check)}")


def rule_lines(checks: Sequence[Check]) -> list[str]:
    """Return the checks of rules in few lines: which can decide, and why not the others."""
    outlooks = {c.facts: c for c in checks if isinstance(c.facts, RuleOutlook)}
    rules = list(outlooks)
    lines = [f"{'ok  ' if any(r.can_decide for r in rules) else 'note'}  {able_line(rules)}"]
    if uncounted := uncounted_line(rules):
        lines.append(f"note  {uncounted}")
    lines += [f"note  {line}" for line in limit_lines(rules)]
    for members in unable(rules):
        mark = "warn" if any(outlooks[rule].warning for rule in members) else "note"
        lines.append(f"{mark}  {rules_line(members)}")
    return list(map(one_line, lines))


def check_json(check: Check) -> str:
    """Return the same as one JSON object, with the facts as data."""
    fields = {**asdict(check), "check": check.question}
    return json_text({**fields, "question": question(check), "seen": _seen(check)})


def question(check: Check) -> str:
    """Return the statement that a check proves."""
    return QUESTIONS[check.question].format(root=check.root)


def _subject(check: Check) -> str:
    """Return the statement, or only what it is about where the check does not prove it."""
    if check.passed and (check.warning or check.note) and check.question in TOPICS:
        return TOPICS[check.question].format(root=check.root)
    return question(check)


QUESTIONS = {
    Question.CLEAN_WORKS: "the clean program works, and its metrics are found",
    Question.CLEAN_REPEATS: "clean runs with the same seed repeat",
    Question.CONTAINED: "runs cannot change your files",
    Question.WRITES_OUTSIDE: "the program writes only into its folder",
    Question.REACHES_NOTHING: "the program needs no network",
    Question.FILES_COMPARED: "verdicts compare every file that the program writes",
    Question.CAUSES_SHOWN: "clean runs with the same seed may differ for this",
    Question.PROCESS_CHOSEN: "clean runs agree on the process that is the program's",
    Question.COMPARED: "results hold more than printed values, and can repeat",
    Question.WATCHED_AGREE: "runs under coverage.py report the values of clean runs",
    Question.SEED_USED: "the program uses the seed",
    Question.AGENT_NEUTRAL: "the agent does not change the result",
    Question.CRASH_CAUGHT: "a certain crash in {root} is caught",
    Question.EDIT_NEUTRAL: "an edit in {root} that changes nothing leaves a clean result",
    Question.RULE_DECIDES: "the rule {root} can decide mutants early",
    Question.IMPACTS_DECIDED: "impacts can be decided",
}

TOPICS = {
    Question.CONTAINED: "what runs can write and reach",
    Question.WRITES_OUTSIDE: "what the program writes outside of its folder",
    Question.REACHES_NOTHING: "what only the first clean run reaches",
    Question.FILES_COMPARED: "files that no verdict compares",
    Question.PROCESS_CHOSEN: "clean runs do not agree on the program's process",
    Question.COMPARED: "what a result holds",
    Question.WATCHED_AGREE: "the values of runs under coverage.py",
    Question.SEED_USED: "the use of the seed",
    Question.AGENT_NEUTRAL: "the result without the agent",
    Question.CRASH_CAUGHT: "a certain crash in {root}",
    Question.EDIT_NEUTRAL: "an edit in {root} that changes nothing",
    Question.IMPACTS_DECIDED: "the impacts",
}
"""The subject of a check, for a note or a warning that does not prove its statement."""


def _seen(check: Check) -> str:
    match check.facts:
        case None:
            return "no expression on an executed line could be changed"
        case ReportedMetrics(noise=noise, found=metrics):
            where = {metric.metric: f" ({_where(metric)})" for metric in metrics}
            return ", ".join(
                f"{n.metric} {n.mean:.4g} ± {n.deviation:.2g}{where.get(n.metric, '')}"
                for n in noise
            )
        case Repeatability(seed=seed, clean=clean):
            return f"seed {seed}: {clean_endings(clean)} {outlook(clean)}"
        case TakenProcesses(processes=processes):
            return "; ".join(map(process_words, processes))
        case WatchedRuns(runs=runs, agreeing=agreeing):
            return (
                f"{agreeing} of {counted(runs, 'run')} report those of clean runs, although clean "
                "runs agree. The program may depend on time or on tracing."
            )
        case BareRun() as bare:
            return _bare(bare)
        case PlantedRun() as planted:
            return _planted(planted, check.question)
        case SeedFacts() | RuleOutlook() | ComparisonOutlook() as facts:
            return _can_decide(facts)
        case _:
            return _known(check.facts)


KnownFacts = (
    ContainmentFacts | OutsideFiles | ReachedFacts | OtherFilesFacts | Causes | DigestCovers
)


def _known(facts: KnownFacts) -> str:
    """Say what is known of runs: their limits, what they write, how they differ, what they hold."""
    match facts:
        case ContainmentFacts():
            return contained(facts.held, facts.problem, facts.withheld, facts.copied, facts.absent)
        case OutsideFiles():
            return written_outside(facts.written, facts.shared)
        case ReachedFacts(hosts=hosts, services=services):
            return reached(hosts, services)
        case OtherFilesFacts(steady=steady, changing=changing):
            return other_files(steady, changing)
        case Causes():
            return causes_in_words(facts)
        case DigestCovers():
            return covers(facts)


def _can_decide(facts: SeedFacts | RuleOutlook | ComparisonOutlook) -> str:
    """Say what the seed, a rule or the numbers of runs allow."""
    match facts:
        case SeedFacts():
            return _seed(facts)
        case RuleOutlook():
            return rule_answer(facts)
        case ComparisonOutlook():
            return comparing(facts)


def _seed(facts: SeedFacts) -> str:
    results = seed_results(facts.use, facts.seeds)
    if facts.use is not SeedUse.IGNORED:
        return results
    if facts.is_handed:
        return f"{results}, although the settings hand it over by `{{seed}}`"
    return f"{results}. To compare bugs over seeds, make it take `{{seed}}` (docs/seeds.md)."


def _where(metric: FoundMetric) -> str:
    """Say which of how many values counts, and where they were."""
    number = counted(metric.most, "value")
    if metric.least < metric.most:
        number = f"{metric.least} to {number}"
    kind = "mean" if metric.which is Which.ALL else metric.which
    chosen = number if metric.most == 1 else f"{kind} of {number}"
    if not metric.files:
        return f"{chosen} on {metric.stream}" if metric.stream else f"{chosen} in the output"
    return f"{chosen} in {joined(metric.files)}"


def _bare(bare: BareRun) -> str:
    if bare.is_clean:
        return "every metric at every step is that of a clean run with it"
    if not bare.clean_repeats:
        return "this cannot be checked, as clean runs never repeat"
    if bare.needs_agent:
        return (
            f"it cannot be compared, as {bare.different} of {bare.runs} runs without the agent "
            "differ from each other. The program does not seed everything itself; the agent "
            "seeds it."
        )
    values = ", ".join(f"{name} {value:g}" for name, value in bare.metrics.items())
    if bare.files:
        return f"no clean run with it writes what a run without it does: {joined(bare.files)}"
    return (
        f"no clean run with it reports what the program does without it in "
        f"{counted(bare.runs, 'run')}: {values or ending(bare.exit)}"
    )


def _planted(planted: PlantedRun, asked: Question) -> str:
    edited = f"{planted.file}:{planted.line}"
    ran = f"{edited} ran {times(planted.hits)}" if planted.hits else f"{edited} did not run"
    if asked is Question.EDIT_NEUTRAL:
        result = "is that" if planted.is_clean else "is not that"
        return f"{ran}, and the result {result} of a clean run"
    if planted.error:
        return f"{planted.error} at {edited}"
    if planted.exit.fine and not planted.is_clean and planted.hits:
        return f"{ran}; the program caught the exception, and ended in another result"
    return f"{ran}, and {ending(planted.exit)}"
