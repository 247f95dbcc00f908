"""What was compared: parts of results, the class `masked (printed values)`, and what it says."""

from typing import Any

import pytest

from build import mutant, outcome, verdict
from trainwreck.findings import JudgedCampaign, table_compared, table_divergence, table_ledger
from trainwreck.findings.overall import alike
from trainwreck.findings.tables import leaves_alone
from trainwreck.judge.baseline_evidence import CleanRuns, clean_runs_of
from trainwreck.judge.early_rules import Facts
from trainwreck.judge.verdicts import verdict_of
from trainwreck.model import (
    COVERS,
    FILES,
    FIRST,
    MASKED_VALUES,
    STATE,
    VALUES_ALONE,
    DigestComparison,
    DigestCovers,
    Judged,
    Outcome,
    Part,
    PlannedMutant,
    Probe,
    ProbeKind,
    Rung,
    Symptom,
    Verdict,
    content_id,
)
from trainwreck.report.clean_sentences import covers
from trainwreck.report.sentences import why
from trainwreck.report.text import render_tables

NET = [{"kind": "parameters", "what": "torch Net", "arrays": 4, "models": 1}]


def ended(
    parameters: str | None = None, files: Any = None, state: str | None = None, **changes: Any
) -> Outcome:
    observed = {FILES: files, STATE: state}
    known = {name: value for name, value in observed.items() if value is not None}
    observations = {**known, **changes.pop("observations", {})}
    return outcome(parameters=parameters, observations=observations, **changes)


def written(**hashes: str) -> dict[str, dict[str, str]]:
    return {"*": {f"{name}.csv": sha for name, sha in hashes.items()}}


def clean_runs(*runs: Outcome) -> CleanRuns:
    return clean_runs_of(FIRST, runs)


def judged(run: Outcome, *clean: Outcome) -> Verdict:
    found = verdict_of(mutant(), Facts(run), clean_runs(*clean), ("accuracy",))
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("run", "parts"),
    [
        (ended(), ["values"]),
        (ended("p"), ["parameters", "values"]),
        (ended(state="s"), ["parameters", "values"]),
        (ended(files=written(a="1")), ["files", "values"]),
        (ended("p", written(), "s"), ["parameters", "files", "values"]),
    ],
)
def test_parts_are_what_the_digest_covers(run: Outcome, parts: list[str]) -> None:
    assert list(run.result.parts) == parts
    assert judged(run, run, run).parts == tuple(parts)


def test_a_digest_of_older_facts_is_what_it_was() -> None:
    run = outcome(observations={"other": 1})
    assert run.digest == content_id("accuracy=0.5,0.7", "abc")


def test_every_part_changes_the_digest() -> None:
    runs = [
        ended(),
        ended("p"),
        ended("q"),
        ended(state="s"),
        ended(state="t"),
        ended(files=written()),
        ended(files=written(a="1")),
        ended(files=written(a="2")),
        ended(files=written(b="1")),
        ended(files=written(a="1", b="1")),
    ]
    assert len({run.digest for run in runs}) == len(runs)


def test_the_patterns_that_a_file_matches_do_not_change_the_digest() -> None:
    once, twice = {"*.csv": {"a.csv": "1"}}, {"*.csv": {"a.csv": "1"}, "a.*": {"a.csv": "1"}}
    assert ended(files=once).digest == ended(files=twice).digest


@pytest.mark.parametrize("files", ["text", 3, ["a"], {"*": "text"}, {"*": {"a": 3}}])
def test_files_in_an_edited_export_of_another_type_do_no_harm(files: Any) -> None:
    run = ended(files=files, observations={COVERS: files})
    assert judged(run, run, run).rung is Rung.MASKED


def test_masked_by_values_alone_is_a_class_of_its_own() -> None:
    alone, whole = judged(ended(), ended(), ended()), judged(ended("p"), ended("p"), ended("p"))
    assert (alone.rung, alone.rung_class) == (Rung.MASKED, MASKED_VALUES)
    assert (whole.rung, whole.rung_class) == (Rung.MASKED, Rung.MASKED)


def test_a_rule_that_needs_no_run_masks_without_comparing_anything() -> None:
    clean = ended()
    probe = Probe(mutant().id, "t", ProbeKind.DEFAULT, 4, 0, "", (), 1, "")
    facts = Facts(probe=probe, probe_digest=clean.digest)
    found = verdict_of(mutant(), facts, clean_runs(clean, clean), ("accuracy",))
    assert found is not None
    assert (found.rung_class, found.parts) == (Rung.MASKED, ())


def test_a_crash_compares_nothing() -> None:
    found = judged(ended("p", steps={}), ended("p"), ended("p"))
    assert (found.rung, found.parts) == (Rung.CRASH, ())


@pytest.mark.parametrize(
    ("run", "differing", "files", "said"),
    [
        (ended("q", written(a="1")), [Part.PARAMETERS], (), "differs only in the parameters."),
        (ended("p", written(a="2")), [Part.FILES], ("a.csv",), "differs only in the file a.csv."),
        (ended("p", written()), [Part.FILES], ("a.csv",), "differs only in the file a.csv."),
        (
            ended("q", written(a="1", b="1")),
            [Part.PARAMETERS, Part.FILES],
            ("b.csv",),
            "differs only in the parameters and the file b.csv.",
        ),
    ],
)
def test_a_propagated_mutant_names_the_parts_that_differ(
    run: Outcome, differing: list[Part], files: tuple[str, ...], said: str
) -> None:
    clean = ended("p", written(a="1"))
    found = judged(run, clean, clean)
    compared = found.evidence[1]
    assert isinstance(compared, DigestComparison)
    assert (list(compared.differing), compared.files) == (differing, files)
    assert found.rung is Rung.PROPAGATED
    assert why(found).endswith(said)


def test_a_file_that_differs_between_clean_runs_alike_in_all_else_is_named() -> None:
    first, second = ended("p", written(a="1", model="1")), ended("p", written(a="1", model="2"))
    assert clean_runs(first, second).covers.unsteady == ("model.csv",)
    # Where the parameters differ as well, it is the program that does not repeat.
    other = ended("q", written(a="1", model="2"))
    assert clean_runs(first, other).covers.unsteady == ()
    said = covers(clean_runs(first, second).covers)
    assert "model.csv differs between clean runs with the same seed" in said


def test_files_named_by_the_time_are_unsteady() -> None:
    first, second = ended(files=written(run1="1")), ended(files=written(run2="1"))
    assert clean_runs(first, second).covers.unsteady == ("run1.csv", "run2.csv")


@pytest.mark.parametrize(
    ("known", "expected"),
    [
        (
            ended(),
            "every printed value of accuracy. A mutant that prints the same is `masked (printed "
            "values)`: what it has learnt may differ.",
        ),
        (ended("p"), "final parameters and every printed value of accuracy."),
        (
            ended("p", observations={COVERS: NET}),
            "parameters of torch Net (4 arrays) and every printed value of accuracy.",
        ),
        (
            ended("p", observations={COVERS: [{**NET[0], "models": 3}]}),
            "parameters of 3 torch Net (4 arrays each) and every printed value of accuracy.",
        ),
        (ended(state="s"), "the state that the program prints and every printed value of"),
        (
            ended(files=written(a="1", b="2")),
            "2 written files (a.csv and b.csv) and every printed value of accuracy.",
        ),
    ],
)
def test_covers_says_what_is_compared(known: Outcome, expected: str) -> None:
    assert f"Compared with clean runs: {expected}" in covers(clean_runs(known, known).covers)


def test_checkpoints_say_nothing_about_files_and_printed_states() -> None:
    for run in (ended("p", checkpoint="c"), ended("p", written(), checkpoint="c")):
        known = clean_runs(run, run).checkpoints
        assert known == (frozenset() if run.result.files is not None else {"c"})
    run = ended("p", state="s", checkpoint="c")
    assert clean_runs(run, run).checkpoints == frozenset()


def test_a_measured_run_agrees_where_all_but_the_parameters_is_a_clean_run() -> None:
    clean = ended("p", written(a="1"))
    for files, agreeing in ((written(a="1"), 1), (written(a="2"), 0)):
        watched = ended(None, files, trial_id="watched")
        known = clean_runs_of(FIRST, [clean, clean, watched], ["watched"]).determinism
        assert known.agreeing == agreeing


def planned(rung: Rung, parts: tuple[Part, ...], number: int) -> Judged:
    found = verdict(Symptom.NORMAL, rung, mutant_id=f"m{number}", parts=parts)
    return Judged(PlannedMutant(mutant(anchor=f"a{number}"), ("learning",)), found)


WHOLE = (Part.PARAMETERS, Part.VALUES)


def mixed() -> list[Judged]:
    parts = [WHOLE] * 2 + [VALUES_ALONE] * 3
    return [planned(Rung.MASKED, part, number) for number, part in enumerate(parts)]


def test_the_ledger_has_a_column_for_printed_values_where_they_occur() -> None:
    table = table_ledger(mixed())
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    assert (cells[Rung.MASKED].count, cells[MASKED_VALUES].count) == (2, 3)  # type: ignore[attr-defined]
    assert "nothing else was compared" in table.note
    without = table_ledger(mixed()[:2])
    assert MASKED_VALUES not in without.columns
    assert not without.note


def test_findings_do_not_count_printed_values_as_silent() -> None:
    assert [leaves_alone(item) for item in mixed()] == [True, True, False, False, False]
    study = JudgedCampaign("s", mixed(), 5, (), (), {})
    table = table_compared(study, "operator", {"ArOR": mixed()})
    cells = dict(zip(table.columns, table.rows[0], strict=True))
    assert cells["Silent or equivalent"].count == 2  # type: ignore[attr-defined]
    assert cells["Masked (printed values)"].count == 3  # type: ignore[attr-defined]
    plain = table_compared(study, "operator", {"ArOR": mixed()[:2]})
    assert "Masked (printed values)" not in plain.columns


def test_finding_4_says_how_many_are_masked_by_printed_values() -> None:
    from build import metric

    study = JudgedCampaign("s", mixed(), 5, (metric(),), (), {})
    assert "0 are undecided, 3 are masked (printed values)" in alike(study).numbers


def test_divergence_has_a_row_for_each_part_that_differs() -> None:
    clean = ended("p", written(a="1"))
    runs = [ended("q", written(a="1")), ended("p", written()), ended("q", written())]
    items = [
        Judged(PlannedMutant(mutant(), ("learning",)), judged(run, clean, clean)) for run in runs
    ]
    heads = [row[0] for row in table_divergence(items).rows]
    assert heads == ["files only", "parameters and files", "parameters only"]


def test_covers_are_a_remark_of_the_ledger() -> None:
    table = table_ledger(mixed(), [DigestCovers(VALUES_ALONE, metrics=("loss",))])
    assert "every printed value of loss." in " ".join(render_tables([table]).split())
