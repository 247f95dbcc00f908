"""The outlook of a campaign in words: which rules can decide, and what keeps the others."""

from collections.abc import Iterator, Sequence

from trainwreck.model import Comparing, ComparisonOutlook, Obstacle, RuleOutlook
from trainwreck.report.seeds import ONE_RUN, seed_use
from trainwreck.report.words import counted, joined

OBSTACLES = {
    Obstacle.NOT_CHOSEN: "the settings or the last `run` leave it out",
    Obstacle.EXACT: "`run --exact` leaves out what is assumed",
    Obstacle.SEVERAL_RESULTS: "clean runs have several results, where `run --exact` leaves it out",
    Obstacle.ONE_CLEAN_RUN: "there is only one clean run with the first seed (raise `repeats`)",
    Obstacle.NEVER_REPEATS: "clean runs with the same seed never repeat",
    Obstacle.NO_REPORT: "the main process prints no metric",
    Obstacle.ONE_REPORT: "a run reports its metrics only once, at its end",
    Obstacle.NO_STATE: "no model was found whose state could be compared at the first report",
    Obstacle.STATES_DIFFER: "the states of clean runs differ at the first report",
    Obstacle.FILES_OR_STATES: "no state at the first report holds written files or printed states",
    Obstacle.NOT_PROBED: "no clean run with probes was made yet",
    Obstacle.PROBED_RUN_DIFFERS: "the clean run with probes did not end as other clean runs",
    Obstacle.NO_RECORD_COUNTS: "no record of the clean run with probes counts",
}


def outlook_lines(
    rules: Sequence[RuleOutlook], comparison: ComparisonOutlook | None
) -> Iterator[str]:
    """Yield what can decide, a line for rules that lack the same, then what seeds allow."""
    if rules:
        yield able_line(rules)
    if uncounted := uncounted_line(rules):
        yield uncounted
    yield from limit_lines(rules)
    for members in unable(rules):
        yield rules_line(members)
    if comparison is not None:
        yield f"impacts: {comparing(comparison)}"


def _most_doubts(rules: Sequence[RuleOutlook]) -> Iterator[str]:
    """Yield each doubt with the most records that it takes from a rule."""
    most: dict[str, tuple[int, int]] = {}
    for outlook in rules:
        for doubt, number in outlook.doubts:
            most[doubt] = max(most.get(doubt, (0, 0)), (number, outlook.records))
    for doubt, (number, records) in most.items():
        yield f"{number:,} of {records:,} ({doubt})"


def able_line(rules: Sequence[RuleOutlook]) -> str:
    """Name the rules that can decide."""
    names = [str(outlook.rule) for outlook in rules if outlook.can_decide]
    return f"rules that can decide mutants early: {joined(names) or 'none'}"


def uncounted_line(rules: Sequence[RuleOutlook]) -> str:
    """Say which records of probes the rules lack that can decide; nothing where they have all."""
    doubts = list(_most_doubts([outlook for outlook in rules if outlook.can_decide]))
    return f"records that do not count for some of these rules: {joined(doubts)}" if doubts else ""


def limit_lines(rules: Sequence[RuleOutlook]) -> Iterator[str]:
    """Say of rules that may decide what keeps them from code that runs while the program trains."""
    for outlook in rules:
        if outlook.can_decide is not False and outlook.limits:
            yield f"rule {outlook.rule} decides {_limits_of(outlook)}"


def _limits_of(outlook: RuleOutlook) -> str:
    """Say what a rule decides alone, and what keeps it from code that runs in the training."""
    reasons = "; ".join(OBSTACLES[limit] for limit in outlook.limits)
    return f"nothing that runs while the program trains: {reasons}"


def unable(rules: Sequence[RuleOutlook]) -> list[list[RuleOutlook]]:
    """Return the rules that cannot decide, those together that lack the same."""
    by_answer: dict[str, list[RuleOutlook]] = {}
    for outlook in rules:
        if not outlook.can_decide:
            by_answer.setdefault(rule_answer(outlook), []).append(outlook)
    return list(by_answer.values())


def rules_line(rules: Sequence[RuleOutlook]) -> str:
    """Say whether rules can decide, and why not; the same holds of all."""
    names = joined([str(outlook.rule) for outlook in rules])
    return f"{'rule' if len(rules) == 1 else 'rules'} {names} {rule_answer(rules[0])}"


def rule_answer(outlook: RuleOutlook) -> str:
    """Say what a rule can do, and why not more."""
    answers = {True: "can decide early", False: "cannot decide early", None: "may decide later"}
    text = answers[outlook.can_decide]
    reasons = why_not(outlook)
    if outlook.can_decide is not False and outlook.limits:
        reasons = "; ".join(filter(None, [reasons, _limits_of(outlook)]))
    return f"{text}: {reasons}" if reasons else text


def why_not(outlook: RuleOutlook) -> str:
    """Return what keeps a rule from deciding, and which records do not count; or nothing.

    Of a rule that cannot decide, they matter only where none is left.
    """
    reasons = [OBSTACLES[obstacle] for obstacle in outlook.obstacles]
    if not reasons or Obstacle.NO_RECORD_COUNTS in outlook.obstacles:
        reasons += [
            f"{number:,} of {counted(outlook.records, 'record')} do not count: {doubt}"
            for doubt, number in outlook.doubts
        ]
    return "; ".join(reasons)


def comparing(outlook: ComparisonOutlook) -> str:
    """Say whether impacts of propagated mutants can be decided, and which clean runs follow."""
    use = seed_use(outlook.seed_use, outlook.seeds)
    match outlook.comparing:
        case Comparing.SEED_IGNORED:
            return f"{use} {ONE_RUN}"
        case Comparing.NEVER_REPEATS:
            return (
                "Clean runs with the same seed never repeat, so that no mutant is known to be "
                "masked or to propagate, and nothing is compared."
            )
        case Comparing.NOT_WANTED:
            return f"`seeds = 1`: each mutant runs once, and impacts stay undecided. {use}"
        case Comparing.TOO_FEW:
            runs = f"{counted(outlook.most, 'run')} of a mutant"
            seeds = counted(outlook.planned, "seed")
            return f"{runs} and clean runs with {seeds} are too few to decide on any. {use}"
    if not outlook.missing:
        return f"{use} The clean runs with all {outlook.planned} seeds are made."
    more = counted(outlook.missing, "further seed")
    return f"{use} `run` makes clean runs with {more} once a mutant propagates."
