"""The conditions of ``--fail-on``: src/trainwreck/findings/conditions.py and cli/conditions.py."""

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import mutant, verdict
from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, foreign
from trainwreck.cli.conditions import check_conditions
from trainwreck.cli.main import run
from trainwreck.errors import ConditionError
from trainwreck.findings.conditions import NAMES, Answer, Bound, answer, read_conditions
from trainwreck.model import Ending, Impact, Judged, Part, PlannedMutant, Rung, Symptom


def judged(rung: Rung | None, *impact: Impact, weight: float = 1.0, file: str = "a.py") -> Judged:
    symptoms = {Rung.CRASH: Symptom.CRASH, Rung.HANG: Symptom.HANG}
    symptom = symptoms.get(rung, Symptom.NORMAL) if rung else Symptom.NORMAL
    planned = PlannedMutant(mutant(file=file))
    return Judged(planned, verdict(symptom, rung, impact=impact), weight)


MASKED, MOVED, CRASH = judged(Rung.MASKED), judged(Rung.PROPAGATED), judged(Rung.CRASH)
LOST = replace(MASKED, verdict=replace(MASKED.verdict, symptom=None, rung=None, ending=Ending.LOST))


def ask(text: str, *items: Judged) -> Answer:
    (condition,) = read_conditions(text)
    return answer(condition, items)


@pytest.mark.parametrize(
    ("text", "holds"),
    [
        ("masked>1", True),
        ("masked>2", False),
        ("masked>=2", True),
        ("masked<2", False),
        ("masked<=2", True),
        ("masked>39.9%", True),
        ("masked>40%", False),
        ("masked >= 40 %", True),
        ("silent>=2", True),
        ("may-hurt>=1", True),
        ("may hurt>=1", True),
        ("unnoticed>=2", True),
        ("low(may hurt)>=0%", True),
        ("no verdict>0", True),
        ("masked (printed values)>0", False),
        ("hurts>0", False),
        ("propagated>20%", False),
        ("no-verdict>0", True),
        ("no-verdict>=20%", True),
        ("hang>0", False),
        ("hang<1", True),
    ],
)
def test_a_condition_counts_all_mutants_also_those_without_a_verdict(
    text: str, holds: bool
) -> None:
    assert ask(text, MASKED, MASKED, MOVED, CRASH, LOST).holds is holds


def test_a_share_of_three_in_ten_is_not_more_than_thirty_percent() -> None:
    items = [MASKED] * 3 + [CRASH] * 7
    assert not ask("masked>30%", *items).holds
    assert ask("masked>=30%", *items).holds


def test_a_share_is_weighted_and_a_number_is_not() -> None:
    items = [replace(MASKED, weight=9.0), CRASH]
    assert ask("masked>=90%", *items).holds
    assert not ask("masked>90%", *items).holds
    assert not ask("masked>1", *items).holds


def test_a_share_of_no_mutants_meets_no_limit() -> None:
    assert not ask("masked<5%").holds
    assert not ask("masked>=0%").holds
    assert not ask("low(masked)>=0%").holds
    assert ask("masked<5").holds


def test_low_and_high_compare_the_ends_of_the_interval() -> None:
    items = [judged(rung, file=f"{n}.py") for n in range(10) for rung in (Rung.MASKED, Rung.CRASH)]
    sure = ask("low(masked)>40%", *items)
    assert sure.interval is not None
    low, high = sure.interval
    assert 0.2 < low < 0.4
    assert high == pytest.approx(1 - low)
    assert (sure.holds, ask("masked>40%", *items).holds) == (False, True)
    assert ask(f"low(masked)>{100 * low - 1:.1f}%", *items).holds
    assert ask("high(masked)>60%", *items).holds


def test_impacts_and_fates_can_be_counted_also_those_of_records_without_a_rung() -> None:
    degraded = judged(Rung.PROPAGATED, Impact.DEGRADED, Impact.SLOWER)
    recorded = judged(None, Impact.WORSE)
    assert ask("degraded>0", degraded).holds
    assert ask("slower>0", degraded).holds
    assert ask("hurts>1", degraded, recorded).holds
    assert ask("harmless>0", judged(None, Impact.EQUIVALENT)).holds
    assert ask("unknown>0", judged(None)).holds
    silent = [judged(rung) for rung in (Rung.UNREACHED, Rung.UNINFECTED, Rung.MASKED)]
    assert ask("silent>2", *silent).holds
    assert not ask("silent>0", degraded, recorded, judged(None), CRASH, LOST).holds


@pytest.mark.parametrize(
    ("text", "problem", "caret"),
    [
        ("masked>20%,silnt>=5", "did you mean `silent`?", 11),
        ("masked>", "expected a number", 7),
        ("masked", "expected a comparison", 6),
        ("masked=>3", "expected a comparison", 6),
        ("masked>1.5", "is whole", 7),
        ("masked>101%", "at most `100%`", 7),
        ("masked>-1", "expected a number", 7),
        ("low(masked)>5", "expected `%`", 13),
        ("low masked>5%", "expected `(`", 4),
        ("low(masked>5%", "expected `)`", 10),
        ("masked>5 hang>1", "expected `,` or the end", 9),
        ("masked>5,", "expected a name", 9),
        ("", "expected a name", 0),
        ("20%>masked", "expected a name", 0),
        ("\x1b]0;x\x07>5", "expected a name", 0),
        ("masked>٣", "expected a number", 7),
        ("masked>1e5", "expected `,` or the end", 8),
    ],
)
def test_a_mistake_is_shown_at_its_position(text: str, problem: str, caret: int) -> None:
    with pytest.raises(ValueError, match=r"\^$") as error:
        read_conditions(text)
    message, shown, pointer = str(error.value).rsplit("\n", 2)
    assert problem in message
    assert len(shown) == len(text) + 4
    assert pointer == " " * (4 + caret) + "^"


@given(st.text() | st.text("masked>=<20%,()low hang.", max_size=30))
def test_any_text_is_read_or_refused_with_its_position(text: str) -> None:
    problem = ""
    try:
        conditions = read_conditions(text)
        assert all(item.name in NAMES for item in conditions)
    except ValueError as error:
        problem = str(error)
    assert not problem or problem.endswith("^")


@given(
    st.sampled_from(NAMES),
    st.sampled_from((">", ">=", "<", "<=")),
    st.integers(0, 100),
    st.sampled_from(Bound),
)
def test_every_condition_of_the_grammar_is_read(
    name: str, comparison: str, number: int, bound: Bound
) -> None:
    text = f"{bound}({name})" if bound else name
    (condition,) = read_conditions(f" {text} {comparison} {number} % ")
    assert (condition.name, condition.comparison, condition.bound) == (name, comparison, bound)
    assert (condition.limit, condition.is_share) == (number / 100, True)
    assert condition.text == f"{text} {comparison} {number} %"


def test_conditions_that_hold_end_the_command_and_all_are_answered(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ConditionError) as error:
        check_conditions(
            [read_conditions("masked>0,hang>0"), read_conditions("silent>0%")], [MASKED, MOVED]
        )
    assert (error.value.exit_code, error.value.what) == (
        6,
        "2 conditions of `--fail-on` hold: `masked>0`, `silent>0%`",
    )
    assert error.value.hint == "List them with `trainwreck list --rung masked`."
    assert capsys.readouterr().err.splitlines() == [
        "trainwreck: `masked>0` holds: 1 of 2 mutants (masked)",
        "trainwreck: `hang>0` does not hold: 0 of 2 mutants (hang)",
        "trainwreck: `silent>0%` holds: 1 of 2 mutants (silent), 50.0 %",
    ]
    check_conditions([read_conditions("masked>1")], [MASKED])


def test_report_ends_with_6_where_a_condition_holds(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    records = [{**CRASH_RECORD, "id": f"c{n}"} for n in range(3)]
    source = foreign(tmp_path, CLEAN_RECORD, *records, {**NORMAL_RECORD, "id": "n"})
    where = ["--campaign", str(tmp_path / "campaign")]
    assert run(["import", str(source), *where]) == 0
    capsys.readouterr()
    report = ["report", *where, "--format", "csv", "--fail-on"]
    assert run([*report, "crash>75%"]) == 0
    assert run([*report, "hang>0", "--fail-on", "crash>=75%"]) == 6
    said = capsys.readouterr()
    assert "`crash>=75%` holds: 3 of 4 mutants (crash), 75.0 %" in said.err
    assert said.out.startswith("# ")
    assert run([*report, "crash>>1"]) == 1
    assert (
        run(
            [
                "report",
                str(tmp_path / "campaign"),
                str(tmp_path / "campaign"),
                *report[3:-1],
                "--fail-on",
                "crash>0",
            ]
        )
        == 1
    )


def test_fail_on_takes_the_rung_of_printed_values_as_reports_name_it() -> None:
    values = replace(MASKED, verdict=replace(MASKED.verdict, parts=(Part.VALUES,)))
    assert values.verdict.rung_class == "masked (printed values)"
    for text, number in (("masked (printed values)>0", 1), ("masked>0", 2)):
        assert ask(text, MASKED, values, CRASH).counted.count == number
    with pytest.raises(ValueError, match="expected a comparison"):
        read_conditions("masked (printed)>0")


def test_a_hint_names_the_campaign_that_the_command_line_names(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "my campaign"
    records = foreign(tmp_path, CLEAN_RECORD, NORMAL_RECORD, CRASH_RECORD)
    assert run(["import", str(records), "--campaign", str(folder)]) == 0
    for words in (["--campaign", str(folder)], [f"--campaign={folder}"]):
        assert run(["report", "--fail-on", "crash>0", *words]) == 6
        hint = capsys.readouterr().err.splitlines()[-1]
        assert f"`trainwreck --campaign '{folder}' list --rung crash`" in hint or (
            f"`trainwreck '--campaign={folder}' list --rung crash`" in hint
        )
