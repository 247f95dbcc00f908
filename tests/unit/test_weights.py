"""Weights of mutants from a stratified draw: shares, intervals, tables and records."""

import json
import random
import sqlite3
from pathlib import Path

import numpy
import pytest

from build import edit_at, many_mutants, mutant, unseal, verdict
from trainwreck import Campaign
from trainwreck.exchange.records import MutantRecord
from trainwreck.findings import ledger_tables, table_four, table_strata
from trainwreck.findings.overall import alike, symptoms
from trainwreck.findings.tables import share_of, weights_of
from trainwreck.model import (
    APP,
    MODULE_LEVEL,
    Better,
    Context,
    DrawMethod,
    Judged,
    Metric,
    Mutant,
    PlannedMutant,
    Rung,
    Share,
    Stratum,
    StratumFrame,
    Symptom,
)
from trainwreck.mutants.selection import in_turns, select
from trainwreck.report.formats import flattened, table_json
from trainwreck.report.text import cell
from trainwreck.results.weights import weighted
from trainwreck.stats.groups import chance_model, share_interval, weighted_share
from trainwreck.store.campaign_file import CampaignFile

CODE, DEFAULT = Stratum.CODE, Stratum.DEFAULT


def judged(bug: Mutant, rung: Rung = Rung.MASKED, weight: float = 1.0) -> Judged:
    symptom = Symptom.CRASH if rung is Rung.CRASH else Symptom.NORMAL
    return Judged(PlannedMutant(bug), verdict(symptom, rung, bug.id), weight)


def in_stratum(number: int, context: Context, file: str = "a.py") -> list[Mutant]:
    return [
        mutant(file=file, context=context, anchor=f"{context}.{index}") for index in range(number)
    ]


def test_the_weights_of_a_stratum_sum_up_to_its_mutants_on_executed_lines() -> None:
    strata = [
        StratumFrame(APP, "a.py", CODE, 40, 10, 0.25),
        StratumFrame(APP, "b.py", CODE, 8, 8, 1.0),
        StratumFrame(APP, "a.py", DEFAULT, 90, 3, 1 / 30),
        StratumFrame(APP, "a.py", Stratum.ANNOTATION, 500, 0, 0.0),
    ]
    bugs = [
        *in_stratum(2, Context.ARGUMENT),
        *in_stratum(4, Context.ARGUMENT, "b.py"),
        *in_stratum(3, Context.DEFAULT),
    ]
    items = weighted([judged(bug) for bug in bugs], strata)
    assert [item.weight for item in items] == pytest.approx([16, 16, 4, 4, 4, 4, 30, 30, 30])
    assert [item.mutant for item in items] == bugs


def test_mutants_stand_for_themselves_without_strata_and_in_the_draw_of_the_paper() -> None:
    items = [judged(bug) for bug in in_stratum(3, Context.ARGUMENT)]
    left_out = StratumFrame(APP, "a.py", Stratum.ANNOTATION, 5, 0, 0.0)
    for strata in ([], [left_out]):
        assert weighted(items, strata) == items
    assert weighted([], [StratumFrame(APP, "a.py", CODE, 40, 10, 0.25)]) == []
    assert weights_of(items) == []


def test_a_sample_of_everything_has_no_weights() -> None:
    items = [judged(bug) for bug in in_stratum(3, Context.ARGUMENT)]
    assert weights_of(weighted(items, [StratumFrame(APP, "a.py", CODE, 3, 3, 1.0)])) == []


def population(generator: random.Random) -> dict[str, list[Mutant]]:
    """Files of very different sizes, in which half of all nodes are defaults."""
    places = [
        {"context": Context.IF},
        {"context": Context.ARGUMENT},
        {"context": Context.ARGUMENT, "function": MODULE_LEVEL},
        {"context": Context.DEFAULT},
    ]
    files: dict[str, list[Mutant]] = {}
    for number in range(8):
        kinds = generator.choices(places, [2, 2, 1, 5], k=4 << (number % 5))
        files[f"{number}.py"] = [
            mutant(file=f"{number}.py", anchor=f"a.{index}", edits=(edit_at(index, "+", "-"),), **k)
            for index, k in enumerate(kinds)
        ]
    return files


def test_weighted_shares_of_draws_are_right_on_average() -> None:
    files = population(random.Random(1))
    everything = [bug for bugs in files.values() for bug in bugs]
    hits = {bug.id: bug.stratum is DEFAULT or bug.file == "4.py" for bug in everything}
    plain, corrected = [], []
    for seed in range(120):
        planned, strata = [], []
        for name, bugs in files.items():
            lines = {1: frozenset(["learning"])}
            selected = select(bugs, lines, 12, seed, DrawMethod.STRATIFIED)
            planned += selected.planned
            strata += selected.strata(APP, name, DrawMethod.STRATIFIED)
        first = in_turns(planned, seed, DrawMethod.STRATIFIED)[:40]
        items = weighted([judged(bug) for bug in first], strata)
        found = [hits[item.mutant.id] for item in items]
        plain.append(weighted_share(found))
        corrected.append(weighted_share(found, weights_of(items)))
        assert sum(item.weight for item in items) == pytest.approx(len(everything))
    truth = sum(hits.values()) / len(hits)
    assert abs(numpy.mean(corrected) - truth) < 0.02 < abs(numpy.mean(plain) - truth)


def sampled(
    generator: numpy.random.Generator, clusters: int, number: int, effect: float
) -> tuple[list[bool], list[str], list[float]]:
    """Draw cases of clusters with chances of their own; the expected share is one half."""
    cluster = generator.integers(clusters, size=number)
    heavy = generator.random(number) < 0.5
    centre = generator.normal(0, effect, clusters)[cluster] + numpy.where(heavy, 0.8, -0.8)
    hits = generator.random(number) < 1 / (1 + numpy.exp(-centre))
    weights = numpy.where(heavy, 3.0, 1.0) * generator.lognormal(0, 0.6, number)
    return hits.tolist(), list(map(str, cluster)), weights.tolist()


@pytest.mark.parametrize(("clusters", "number"), [(15, 60), (30, 150)])
def test_a_weighted_share_interval_covers_the_share_of_all(clusters: int, number: int) -> None:
    generator = numpy.random.default_rng(0)
    truth = [weighted_share(*sampled(generator, 4000, 4000, 0.7)[::2]) for _ in range(12)]
    covered = []
    for _ in range(400):
        low, high = share_interval(*_ordered(sampled(generator, clusters, number, 0.7)))
        covered.append(low <= numpy.mean(truth) <= high)
    assert numpy.mean(covered) >= 0.93


def _ordered(
    case: tuple[list[bool], list[str], list[float]],
) -> tuple[list[bool], list[str], float, list[float]]:
    hits, cluster, weights = case
    return hits, cluster, 0.05, weights


def test_groups_that_are_alike_are_seldom_told_apart_by_weighted_chances() -> None:
    generator = numpy.random.default_rng(1)
    found = []
    for _ in range(300):
        hits, cluster, weights = sampled(generator, 20, 120, 0.7)
        group = generator.choice(["a", "b"], size=len(hits)).tolist()
        found.append((chance_model(hits, group, cluster, 0.05, weights).alike.p or 1.0) < 0.05)
    assert numpy.mean(found) <= 0.08


def test_weights_of_one_change_neither_interval_nor_test() -> None:
    hits, cluster, _ = sampled(numpy.random.default_rng(2), 8, 60, 0.5)
    group = ["a" if index % 3 else "b" for index in range(60)]
    ones = [1.0] * 60
    assert share_interval(hits, cluster, 0.05, ones) == pytest.approx(share_interval(hits, cluster))
    plain, with_ones = (chance_model(hits, group, cluster, 0.05, w) for w in ((), ones))
    assert with_ones.alike.p == pytest.approx(plain.alike.p)
    assert with_ones.chances["a"] == pytest.approx(plain.chances["a"])


def test_a_weighted_interval_of_no_hits_rests_on_fewer_cases() -> None:
    cluster = [str(index) for index in range(20)]
    plain = share_interval([False] * 20, cluster)
    unequal = share_interval([False] * 20, cluster, 0.05, [10.0, *[1.0] * 19])
    assert plain[0] == unequal[0] == 0
    assert plain[1] < unequal[1] < 1


HEAVY = [
    judged(many_mutants(1)[0], Rung.CRASH, 9.0),
    *(judged(bug) for bug in many_mutants(4)[1:]),
]


def test_tables_show_counts_of_mutants_and_weighted_percentages() -> None:
    ledger = ledger_tables(HEAVY)[0]
    (row,) = ledger.rows
    crash = row[ledger.columns.index("crash")]
    assert crash == Share(1, 4, 0.75)
    assert cell(crash) == "1 (75.0%)"
    assert "the 4 judged ones stand for 12 on executed lines" in ledger.note
    assert json.loads(table_json(ledger))["rows"][0][-3] == {"count": 1, "total": 4, "share": 0.75}
    columns, rows = flattened(ledger)
    index = columns.index("crash, weighted share")
    assert (columns[index - 2 : index], rows[0][index - 2 : index + 1]) == (
        ["crash", "crash, of"],
        [1, 4, 0.75],
    )
    assert share_of(HEAVY[1:], [True, False, False]) == Share(1, 3)


def campaign(items: list[Judged]):
    from trainwreck.findings import JudgedCampaign

    metric = Metric("loss", "", Better.LOWER, None)
    return JudgedCampaign("study", items, len(items), (metric,), (), {})


def test_tables_in_the_form_of_the_paper_say_that_they_are_without_weights() -> None:
    assert "without weights" in table_four([campaign(HEAVY)]).note
    assert "without weights" not in table_four([campaign(HEAVY[1:])]).note
    assert table_four([campaign(HEAVY)]).rows[-1][1] == Share(3, 4)


def test_findings_ask_of_all_mutants_on_executed_lines() -> None:
    files = [mutant(file=f"{index}.py") for index in range(400)]
    rungs = [Rung.CRASH if index % 4 else Rung.MASKED for index in range(400)]
    plain = [judged(bug, rung) for bug, rung in zip(files, rungs, strict=True)]
    heavy = [
        judged(item.mutant, rung, 30.0 if rung is Rung.MASKED else 1.0)
        for item, rung in zip(plain, rungs, strict=True)
    ]
    assert symptoms(campaign(plain)).holds.value == "does not hold"
    assert symptoms(campaign(heavy)).holds.value == "holds"
    assert alike(campaign(heavy)).numbers.startswith("100 of 100 (100 %)")


def test_table_strata_names_what_is_left_out_and_what_no_share_speaks_of() -> None:
    strata = [
        StratumFrame(APP, "a.py", CODE, 40, 10, 0.25),
        StratumFrame(APP, "b.py", CODE, 8, 8, 1.0),
        StratumFrame(APP, "a.py", DEFAULT, 90, 3, 1 / 30),
        StratumFrame(APP, "b.py", Stratum.ANNOTATION, 500, 0, 0.0),
    ]
    table = table_strata(strata, [judged(bug) for bug in in_stratum(6, Context.ARGUMENT)])
    code, default, annotation = table.rows
    assert code == (APP, "other code of functions and classes", 48, 18, 6, 8)
    assert default[:5] == (APP, "defaults of parameters", 90, 3, 0)
    assert annotation[2] == 500
    assert cell(annotation[3]) == "(left out)"
    assert "90 mutants are of kinds of code without a judged one" in table.note


def test_a_campaign_file_keeps_its_strata(tmp_path: Path) -> None:
    strata = [
        StratumFrame(APP, "a.py", CODE, 40, 10, 0.25),
        StratumFrame("keras", "b.py", Stratum.ANNOTATION, 5, 0, 0.0),
    ]
    with CampaignFile.open(tmp_path, create=True) as file:
        assert file.strata() == []
        file.set_plan([], [], strata)
        assert file.strata() == strata
        file.set_plan([], [])
        assert file.strata() == []


def test_a_campaign_file_of_before_has_no_strata(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True):
        pass
    with sqlite3.connect(tmp_path / "campaign.sqlite") as connection:
        unseal(connection)
        connection.execute("DROP TABLE stratum")
    with CampaignFile.open(tmp_path) as file:
        assert file.strata() == []


def test_imported_records_have_the_weight_that_they_state(tmp_path: Path) -> None:
    records = [
        {"kind": "subject", "name": "theirs"},
        {"kind": "mutant", "operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 1,
         "weight": 9},
        *({"kind": "mutant", "operator": "ArOR", "symptom": "hang", "file": "a.py", "line": line}
          for line in (2, 3, 4)),
    ]  # fmt: skip
    file = tmp_path / "records.jsonl"
    file.write_text("".join(f"{json.dumps(record)}\n" for record in records))
    Campaign.import_records(file, tmp_path / "campaign")
    with Campaign.open(tmp_path / "campaign").source() as source:
        items = source.judged_campaign("theirs").judged
    assert [item.weight for item in items] == [9, 1, 1, 1]
    assert MutantRecord(operator="ArOR", symptom=None, file="a.py", line=1).weight == 1
