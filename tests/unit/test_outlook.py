"""What keeps rules from deciding and impacts from being decided, in words."""

import pytest

from trainwreck.cli.reading import status_text
from trainwreck.model import (
    Comparing,
    ComparisonOutlook,
    Obstacle,
    Rule,
    RuleOutlook,
    SeedUse,
)
from trainwreck.report.outlook import OBSTACLES, comparing, outlook_lines, rules_line
from trainwreck.results.status import Status


def test_every_obstacle_has_words_of_its_own() -> None:
    assert set(OBSTACLES) == set(Obstacle)
    assert len(set(OBSTACLES.values())) == len(Obstacle)


@pytest.mark.parametrize(
    ("obstacles", "answer", "words"),
    [
        ((), True, "rule probe can decide early"),
        ((Obstacle.NOT_PROBED,), None, "rule probe may decide later"),
        ((Obstacle.EXACT, Obstacle.NOT_PROBED), False, "rule probe cannot decide early"),
        ((Obstacle.NEVER_REPEATS,), False, "rule probe cannot decide early"),
    ],
)
def test_a_rule_decides_unless_something_keeps_it_from_that(
    obstacles: tuple[Obstacle, ...], answer: bool | None, words: str
) -> None:
    outlook = RuleOutlook(Rule.PROBE, obstacles)
    assert outlook.can_decide is answer
    assert rules_line([outlook]).split(":")[0] == words


def test_status_names_rules_that_can_decide_and_explains_only_the_others() -> None:
    rules = (
        RuleOutlook(Rule.SAME_CODE),
        RuleOutlook(Rule.PROBE, records=4, doubts=(("no probe can be put around it", 1),)),
        RuleOutlook(Rule.UNREAD, records=9, doubts=(("no probe can be put around it", 2),)),
        RuleOutlook(Rule.TOGETHER, limits=(Obstacle.ONE_REPORT,)),
        RuleOutlook(Rule.STUCK, (Obstacle.NOT_CHOSEN,)),
    )
    assert list(outlook_lines(rules, None)) == [
        "rules that can decide mutants early: same-code, probe, unread and together",
        "records that do not count for some of these rules: 2 of 9 (no probe can be put around it)",
        "rule together decides nothing that runs while the program trains: a run reports its "
        "metrics only once, at its end",
        "rule stuck cannot decide early: the settings or the last `run` leave it out",
    ]
    assert list(outlook_lines((), None)) == []


def test_status_has_counts_first_and_the_cost_last_and_each_rule_in_one_line() -> None:
    status = Status(
        "toy", 9, 5, 4, {"normal": 5}, {"masked": 5}, cost=60.0, expected=48.0, chosen=2,
        rules=(RuleOutlook(Rule.PROBE, records=4, doubts=(("read", 1),)),),
        comparison=ComparisonOutlook(Comparing.POSSIBLE, SeedUse.USED, 2, 30, 10), annotations=3,
    )  # fmt: skip
    lines = status_text(status).splitlines()
    begins = (
        "toy: 9",
        "symptoms",
        "rungs: ",
        "chosen",
        "left out",
        "Containment",
        "rules",
        "records that do not count",
        "impacts",
        "cost so far",
    )
    for line, begin in zip(lines, begins, strict=True):
        assert line.strip().startswith(begin)
    assert sum("probe" in line for line in lines) == 1


@pytest.mark.parametrize(
    ("answer", "use", "missing"),
    [
        (Comparing.POSSIBLE, SeedUse.USED, 28),
        (Comparing.NOT_WANTED, SeedUse.USED, 0),
        (Comparing.SEED_IGNORED, SeedUse.IGNORED, 0),
        (Comparing.NEVER_REPEATS, SeedUse.UNKNOWN, 0),
    ],
)
def test_clean_seeds_are_missing_only_where_a_comparison_may_ask_for_them(
    answer: Comparing, use: SeedUse, missing: int
) -> None:
    outlook = ComparisonOutlook(answer, use, seeds=2, planned=30, most=10)
    assert outlook.missing == missing


def test_each_answer_about_comparisons_has_its_words() -> None:
    said = {
        answer: comparing(ComparisonOutlook(answer, SeedUse.USED, 2, 4, 4)) for answer in Comparing
    }
    assert len(set(said.values())) == len(Comparing)
    few = said[Comparing.TOO_FEW]
    assert few.startswith("4 runs of a mutant and clean runs with 4 seeds are too few to decide")
    everything = ComparisonOutlook(Comparing.POSSIBLE, SeedUse.USED, 30, 30, 10)
    assert comparing(everything).endswith("The clean runs with all 30 seeds are made.")
