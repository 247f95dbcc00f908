"""The nine findings, by made-up campaigns in which each holds, does not, or is undecided."""

from dataclasses import replace

import pytest

from build import mutant, verdict
from trainwreck.findings import JudgedCampaign, figures, table_findings, table_impacts
from trainwreck.findings.findings import FINDINGS
from trainwreck.model import (
    Better,
    Draw,
    Ending,
    Exit,
    Gap,
    Impact,
    Judged,
    Margin,
    Measurement,
    Metric,
    Missing,
    OperatorCode,
    PlannedMutant,
    Rung,
    Symptom,
)

ACCURACY = Metric("accuracy", "", Better.HIGHER, (0, 1), Margin(0.05))
PHASES = ("import", "preprocessing", "constructing", "learning")
CLEAN = [0.75 + 0.002 * index for index in range(20)]
HOLDS, NOT, UNKNOWN = "holds", "does not hold", "undecided"


def measured(name: str | None, value: float, seconds: float = 10, seed: int = 0) -> Measurement:
    exit_ = Exit(Ending.EXITED, 0)
    return Measurement(name, Draw(seed), exit_, {"accuracy": value}, seconds, seconds, True)


class Made:
    """A study that grows mutant by mutant."""

    def __init__(self) -> None:
        self.judged: list[Judged] = []
        self.first: dict[str, Measurement] = {}

    def add(
        self,
        number: int,
        symptom: Symptom = Symptom.NORMAL,
        code: OperatorCode = OperatorCode.NVR,
        phase: str = "learning",
        value: float = 0.77,
        seconds: float = 10,
        impact: tuple[Impact, ...] = (),
    ) -> "Made":
        rungs = {Symptom.CRASH: Rung.CRASH, Symptom.HANG: Rung.HANG}
        for _ in range(number):
            count = len(self.judged)
            bug = mutant(operator=code, file=f"f{count % 90}.py")
            bug = replace(bug, anchor=str(count))
            rung = rungs.get(symptom, Rung.PROPAGATED)
            found = replace(verdict(symptom, rung), mutant_id=bug.id, impact=impact)
            self.judged.append(Judged(PlannedMutant(bug, (phase,)), found))
            self.first[bug.id] = measured(bug.id, value + count / 1e6, seconds + count / 1e6)
        return self

    def study(self) -> JudgedCampaign:
        clean = [measured(None, value, 10, seed) for seed, value in enumerate(CLEAN)]
        total = len(self.judged)
        return JudgedCampaign(
            "s", self.judged, total, (ACCURACY,), clean, self.first, phases=PHASES
        )


def answers(made: Made, number: int) -> tuple[object, object]:
    (table,) = table_findings([made.study()])
    row = table.rows[number - 1]
    assert row[0] == number
    return row[2], row[4]


def test_finding_one_is_about_shares() -> None:
    assert answers(Made().add(80).add(20, Symptom.CRASH), 1) == (HOLDS, HOLDS)
    assert answers(Made().add(20).add(80, Symptom.CRASH), 1) == (NOT, NOT)
    assert answers(Made().add(6).add(5, Symptom.CRASH), 1) == (HOLDS, UNKNOWN)


def test_finding_two_is_about_low_accuracy() -> None:
    made = Made().add(60).add(9, value=0.2, impact=(Impact.DEGRADED,))
    assert answers(made, 2) == (HOLDS, HOLDS)
    made = Made().add(60).add(9, value=0.2, impact=(Impact.WORSE,)).add(5, impact=(Impact.BETTER,))
    assert answers(made, 2)[1] == UNKNOWN
    made = Made().add(60).add(9, value=0.97, impact=(Impact.IMPROVED,))
    assert answers(made, 2) == (NOT, NOT)


def test_finding_three_is_about_long_times() -> None:
    made = Made().add(60).add(9, seconds=40, impact=(Impact.SLOWER,))
    assert answers(made, 3) == (HOLDS, HOLDS)
    assert answers(Made().add(3), 3) == (UNKNOWN, UNKNOWN)


def test_finding_four_is_about_what_is_shown_of_normal_mutants() -> None:
    silent, differing = (Impact.EQUIVALENT,), (Impact.WORSE,)
    assert answers(Made().add(80, impact=silent).add(20, impact=differing), 4)[1] == HOLDS
    assert answers(Made().add(20, impact=silent).add(80, impact=differing), 4)[1] == NOT
    assert answers(Made().add(80, impact=(Impact.UNDECIDED,)), 4)[1] == UNKNOWN
    assert answers(Made().add(30), 4)[0] == HOLDS
    assert answers(Made().add(30, value=0.4), 4)[0] == NOT


@pytest.mark.parametrize(("three", "others", "answer"), [(30, 5, HOLDS), (5, 30, NOT)])
def test_finding_five_is_about_crashes_of_changed_conditions(
    three: int, others: int, answer: str
) -> None:
    made = Made()
    for code in (OperatorCode.ComOR, OperatorCode.MemOR, OperatorCode.LogOR):
        made.add(three, Symptom.CRASH, code).add(40 - three, code=code)
    made.add(3 * others, Symptom.CRASH).add(120 - 3 * others)
    assert answers(made, 5) == (answer, answer)


def test_finding_six_wants_low_accuracy_of_three_and_long_times_of_one() -> None:
    made = Made().add(80, code=OperatorCode.BVR)
    for code in (OperatorCode.NVR, OperatorCode.LogOR, OperatorCode.ComOR):
        made.add(20, code=code, value=0.3, impact=(Impact.DEGRADED,))
    made.add(20, code=OperatorCode.ComOR, seconds=50, impact=(Impact.SLOWER,))
    assert answers(made, 6) == (HOLDS, HOLDS)


def test_finding_seven_is_about_differences_among_operators() -> None:
    made = Made().add(30, code=OperatorCode.BVR)
    made.add(30, code=OperatorCode.NVR, value=0.5, impact=(Impact.DEGRADED,))
    assert answers(made, 7) == (HOLDS, HOLDS)
    unshown = Made().add(30, code=OperatorCode.BVR).add(30, code=OperatorCode.NVR, value=0.5)
    assert answers(unshown, 7) == (HOLDS, UNKNOWN)


def test_finding_eight_is_about_later_phases() -> None:
    made = Made().add(40, phase="preprocessing").add(60, phase="constructing").add(60)
    for phase in ("constructing", "learning"):
        made.add(9, phase=phase, value=0.2, impact=(Impact.DEGRADED,))
    assert answers(made, 8) == (HOLDS, HOLDS)


def test_finding_nine_is_about_crashes_by_phase() -> None:
    alike, apart = Made(), Made()
    for phase, crashes in (("preprocessing", 15), ("constructing", 100), ("learning", 180)):
        alike.add(100, Symptom.CRASH, phase=phase).add(100, phase=phase)
        apart.add(crashes, Symptom.CRASH, phase=phase).add(200 - crashes, phase=phase)
    assert answers(alike, 9)[0] == HOLDS
    assert answers(apart, 9) == (NOT, NOT)


@pytest.mark.parametrize("finding", FINDINGS, ids=lambda finding: str(finding.number))
def test_nothing_can_be_told_of_an_empty_campaign(finding: object) -> None:
    empty = JudgedCampaign("s", [], 0, (ACCURACY,), [], {})
    (table,) = table_findings([empty])
    assert all((row[2], row[4]) == (UNKNOWN, UNKNOWN) for row in table.rows)
    assert all(row[3] and row[5] for row in table.rows)


def test_a_program_without_the_three_phases_is_told_so() -> None:
    study = replace(Made().add(5).study(), phases=())
    (table,) = table_findings([study])
    assert "no phases named" in str(table.rows[7][3])
    assert table.rows[8][4] == UNKNOWN


def test_figures_have_a_box_for_clean_runs_and_for_every_group() -> None:
    made = Made().add(5).add(1, value=822.8)
    one, two, three, _, five, _ = figures([made.study()])
    assert [row[1] for row in one.rows] == ["clean", "buggy"]
    assert one.rows[1][2] == 5
    assert one.rows[1][10] == pytest.approx((822.8,), rel=1e-3)
    assert two.rows[0][2] == len(CLEAN)
    assert [row[1] for row in three.rows] == ["clean", *OperatorCode]
    assert [row[1] for row in five.rows] == ["clean", *PHASES]


def test_impacts_are_counted_by_operator() -> None:
    made = Made().add(3, impact=(Impact.DEGRADED,)).add(2, impact=(Impact.UNDECIDED,))
    rows = {row[0]: row[1:] for row in table_impacts([made.study()]).rows}
    assert rows["NVR"][-1] == rows["in all"][-1] == 5
    assert set(rows["BVR"]) == {Missing(Gap.NONE_PROPAGATED)}


def test_a_campaign_without_effect_has_no_false_finding() -> None:
    made = Made().add(200, impact=(Impact.UNDECIDED,)).add(100, impact=(Impact.EQUIVALENT,))
    assert [answers(made, number)[1] for number in (2, 3, 6, 7, 8)] == [UNKNOWN] * 5


def test_answers_do_not_depend_on_the_clean_seed_that_comes_first() -> None:
    study = Made().add(40).add(9, value=0.2, impact=(Impact.DEGRADED,)).study()
    better = [[row[4:] for row in table_findings([study])[0].rows]]
    for first in range(1, len(CLEAN)):
        turned = [*study.clean[first:], *study.clean[:first]]
        renumbered = [replace(run, draw=Draw(seed)) for seed, run in enumerate(turned)]
        (table,) = table_findings([replace(study, clean=renumbered)])
        better.append([row[4:] for row in table.rows])
    assert all(answers == better[0] for answers in better)


def test_a_smaller_alpha_makes_findings_unknown() -> None:
    study = Made().add(60).add(40, Symptom.CRASH).study()
    (usual,) = table_findings([study])
    (strict,) = table_findings([replace(study, alpha=1e-9)])
    assert usual.rows[0][4] == UNKNOWN or strict.rows[0][4] == UNKNOWN
    assert strict.rows[0][4] == UNKNOWN
