"""Reports with an entry for each mutant: report/stryker.py, report/junit.py, report/sarif.py."""

import gzip
import json
import random
import string
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, fromstring

import pytest
from jsonschema import Draft7Validator

from build import edit_at, mutant, mutants_of, verdict
from exchanging import CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, fill, foreign
from guest import ROOT
from trainwreck.campaign.campaign import Campaign
from trainwreck.cli.main import run
from trainwreck.model import (
    APP,
    Edit,
    Ending,
    Impact,
    Judged,
    Mutant,
    PlannedMutant,
    Rung,
    Span,
    Symptom,
)
from trainwreck.report import sarif as sarif_module
from trainwreck.report.junit import junit
from trainwreck.report.mutant_formats import MUTANT_TEXTS
from trainwreck.report.sarif import MOST_RESULTS, sarif
from trainwreck.report.stryker import stryker
from trainwreck.results.reported_mutants import ReportedMutants
from trainwreck.store.campaign_file import CampaignFile

SCHEMA = ROOT / "tests/schemas/stryker/mutation-testing-report-schema.json"
VALIDATOR = Draft7Validator(json.loads(SCHEMA.read_text()))
HOSTILE = "\x1b]0;x\x07\0\ufffe\uffff]]><!--&amp;<b>\"'|`\u202e\ud83d\r\nend"


def judged(
    rung: Rung | None, *impact: Impact, bug: Mutant | None = None, anchor: str = "a"
) -> Judged:
    symptoms = {Rung.CRASH: Symptom.CRASH, Rung.HANG: Symptom.HANG}
    symptom = symptoms.get(rung, Symptom.NORMAL) if rung else Symptom.NORMAL
    bug = bug or mutant(anchor=f"{rung}{anchor}")
    return Judged(PlannedMutant(bug), verdict(symptom, rung, impact=impact))


LOST = replace(
    judged(Rung.MASKED, anchor="lost"),
    verdict=verdict(None, None, ending=Ending.LOST),  # type: ignore[arg-type]
)
ALL = [*map(judged, Rung), judged(None), LOST]
WAITING = PlannedMutant(mutant(anchor="waiting"))
REPORT = ReportedMutants("digits", ALL, [WAITING], {ALL[0].mutant.id: 1.2345})


def stryker_of(*reports: ReportedMutants) -> dict[str, Any]:
    """The report, which follows the schema."""
    document: dict[str, Any] = json.loads(stryker(reports))
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    return document


def junit_of(*reports: ReportedMutants) -> Element:
    return fromstring(junit(reports).encode())


def sarif_of(*reports: ReportedMutants) -> dict[str, Any]:
    """The only run."""
    document = json.loads(sarif(reports))
    assert document["version"] == "2.1.0"
    (only,) = document["runs"]
    return dict(only)


def mutants_in(document: dict[str, Any]) -> list[dict[str, Any]]:
    return [bug for file in document["files"].values() for bug in file["mutants"]]


def test_stryker_has_a_status_for_every_rung() -> None:
    document = stryker_of(REPORT)
    statuses = {bug["id"]: bug["status"] for bug in mutants_in(document)}
    assert [statuses[item.mutant.id] for item in ALL] == [
        "NoCoverage",
        "Survived",
        "Survived",
        "Survived",
        "Killed",
        "Timeout",
        "Survived",
        "RuntimeError",
    ]
    assert statuses[WAITING.mutant.id] == "Pending"
    assert mutants_in(document)[0]["duration"] == 1234
    assert document["config"]["statuses"]["propagated"] == "Survived"


def test_stryker_shows_the_text_and_counts_columns_in_units_of_utf_16() -> None:
    text = "x = 1\ny = '🙂' + x\n"
    (bug,) = mutants_of(text, "ArOR")[:1]
    report = ReportedMutants("a", [judged(Rung.MASKED, bug=bug)], texts={(APP, "train.py"): text})
    (file,) = stryker_of(report)["files"].values()
    assert file["source"] == text
    (entry,) = file["mutants"]
    start, end = entry["location"]["start"], entry["location"]["end"]
    line = file["source"].splitlines()[start["line"] - 1].encode("utf-16-le")
    units = line[2 * (start["column"] - 1) : 2 * (end["column"] - 1)]
    assert (start["line"], units.decode("utf-16-le")) == (2, "+")
    assert entry["replacement"] == bug.replacement


def test_stryker_joins_edits_of_one_bug_to_one_stretch() -> None:
    text = "a + b + c\n"
    bug = mutant(edits=(edit_at(2, "+", "-"), edit_at(6, "+", "*")))
    report = ReportedMutants("a", [judged(Rung.MASKED, bug=bug)], texts={(APP, "train.py"): text})
    (entry,) = mutants_in(stryker_of(report))
    assert entry["replacement"] == "- b *"
    assert entry["location"]["start"]["column"] == 3
    assert entry["location"]["end"]["column"] == 8


def test_stryker_keeps_apart_equal_files_of_roots_and_of_campaigns() -> None:
    items = [judged(Rung.MASKED, bug=mutant(root=root, file="a.py")) for root in (APP, "lib")]
    report = ReportedMutants("one", items)
    assert set(stryker_of(report)["files"]) == {"app/a.py", "lib/a.py"}
    both = stryker_of(report, replace(report, name="two"))
    assert len(both["files"]) == 4
    assert max(Counter(bug["id"] for bug in mutants_in(both)).values()) == 1
    assert {suite.get("name") for suite in junit_of(report, replace(report, name="two"))} == {
        "one/a.py",
        "two/a.py",
    }


def test_stryker_takes_positions_that_no_file_can_have() -> None:
    for line in (0, 10**9):
        span = Span(0, 0, line, 7, line, 2)
        bug = mutant(edits=(Edit(span, "", ""),))
        (entry,) = mutants_in(stryker_of(ReportedMutants("a", [judged(Rung.MASKED, bug=bug)])))
        assert entry["location"]["end"]["column"] >= entry["location"]["start"]["column"]


def test_junit_fails_bugs_that_may_hurt_errs_without_a_verdict_and_skips_what_did_not_run() -> None:
    root = junit_of(REPORT)
    (suite,) = root
    for element in (root, suite):
        counts = [element.get(name) for name in ("tests", "failures", "errors", "skipped")]
        assert counts == ["9", "1", "1", "3"]
    kinds = [[child.tag for child in case] for case in suite]
    assert kinds == [
        ["skipped"],
        ["system-out"],
        ["system-out"],
        ["failure"],
        ["system-out"],
        ["system-out"],
        ["skipped"],
        ["error"],
        ["skipped"],
    ]
    failure = suite[3][0]
    assert failure.get("type") == "may hurt"
    assert failure.text == f"See more with `trainwreck show {ALL[3].mutant.id}`."
    assert suite[0].get("time") == "1.234"


def hostile(rung: Rung) -> Judged:
    bug = mutant(file=f"{HOSTILE} a%b?#.py", function=HOSTILE, edits=(edit_at(0, HOSTILE, "x"),))
    return judged(rung, bug=bug)


@pytest.mark.parametrize("format_", MUTANT_TEXTS)
def test_a_report_without_mutants_is_whole(format_: str) -> None:
    for reports in ([], [ReportedMutants("empty", [])]):
        text = MUTANT_TEXTS[format_](reports)
        parsed = fromstring(text.encode()) if format_ == "junit" else json.loads(text)
        assert parsed is not None
    assert junit_of(ReportedMutants("empty", [])).get("tests") == "0"


def test_hostile_text_is_only_text_in_every_format() -> None:
    items = [hostile(rung) for rung in Rung]
    secret = "ghp_" + "a" * 36
    items.append(judged(Rung.PROPAGATED, bug=mutant(file=f"{secret}.py")))
    report = ReportedMutants(HOSTILE, items, [hostile(Rung.MASKED).planned])
    for texts in MUTANT_TEXTS.values():
        text = texts([report])
        assert secret not in text
        assert not set(text) & set("\x1b\0\x07\ufffe\uffff\ud83d")
        text.encode()
    stryker_of(report)
    root = junit_of(report)
    assert {element.tag for element in root.iter()} == {
        "testsuites",
        "testsuite",
        "testcase",
        "failure",
        "skipped",
        "system-out",
    }
    names = [case.get("name", "") for case in root.iter("testcase")]
    assert not any("\n" in name for name in names)
    assert any("<b>" in name for name in names)


def test_sarif_has_bugs_of_the_program_that_cause_no_error_those_that_hurt_first() -> None:
    items = [
        *ALL,
        judged(Rung.PROPAGATED, Impact.DEGRADED, anchor="bad"),
        judged(Rung.PROPAGATED, Impact.DEGRADED, bug=mutant(root="keras")),
    ]
    run_ = sarif_of(ReportedMutants("a", items, folder="examples/my digits/"))
    results = run_["results"]
    assert [(r["level"], r["partialFingerprints"]) for r in results] == [
        ("error", {"trainwreckMutant/v1": items[-2].mutant.id}),
        ("warning", {"trainwreckMutant/v1": ALL[3].mutant.id}),
        *(("note", {"trainwreckMutant/v1": item.mutant.id}) for item in ALL[:3]),
    ]
    rules = run_["tool"]["driver"]["rules"]
    assert [rules[r["ruleIndex"]]["id"] for r in results] == [r["ruleId"] for r in results]
    assert [rule["defaultConfiguration"]["level"] for rule in rules] == ["error", "warning", "note"]
    location = results[0]["locations"][0]["physicalLocation"]
    assert location["artifactLocation"] == {
        "uri": "examples/my%20digits/train.py",
        "uriBaseId": "%SRCROOT%",
    }
    assert location["region"] == {"startLine": 1, "startColumn": 3, "endLine": 1, "endColumn": 4}


def test_sarif_names_hostile_paths_by_references_of_plain_letters() -> None:
    (result,) = sarif_of(ReportedMutants("a", [hostile(Rung.PROPAGATED)]))["results"]
    uri = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"]
    assert set(uri) <= set(string.ascii_letters + string.digits + "%/-_.~")
    assert uri.endswith("end%20a%25b%3F%23.py")


def test_sarif_keeps_to_the_limits_of_github(monkeypatch: pytest.MonkeyPatch) -> None:
    item = judged(Rung.PROPAGATED)
    run_ = sarif_of(ReportedMutants("a", [item] * (MOST_RESULTS + 5)))
    assert len(run_["results"]) == MOST_RESULTS
    assert run_["properties"] == {"bugs": MOST_RESULTS + 5, "leftOut": 5}
    noise = random.Random(1)
    items = [
        judged(Rung.PROPAGATED, bug=mutant(file="".join(noise.choices(string.hexdigits, k=500))))
        for _ in range(200)
    ]
    monkeypatch.setattr(sarif_module, "MOST_BYTES", 50_000)
    text = sarif([ReportedMutants("a", items)])
    assert len(gzip.compress(text.encode())) <= 50_000
    properties = json.loads(text)["runs"][0]["properties"]
    assert 0 < properties["leftOut"] < 200


def test_reports_of_a_campaign_have_every_mutant_once(tmp_path: Path) -> None:
    (tmp_path / "campaign").mkdir()
    with CampaignFile.open(tmp_path / "campaign", create=True) as file:
        fill(file)
    campaign = Campaign.open(tmp_path / "campaign")
    reports = campaign.reported_mutants()
    planned = {item.mutant.id for item in campaign.mutants()}
    assert {bug["id"] for bug in mutants_in(stryker_of(*reports))} == planned
    assert len(mutants_in(stryker_of(*reports))) == len(planned)
    assert junit_of(*reports).get("tests") == str(len(planned))


def test_records_with_gaps_are_reported_in_every_format(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bare = {**CRASH_RECORD, "id": "bare", "line": 1, "symptom": None}
    source = foreign(tmp_path, CLEAN_RECORD, CRASH_RECORD, NORMAL_RECORD, bare)
    where = ["--campaign", str(tmp_path / "campaign")]
    assert run(["import", str(source), *where]) == 0
    for format_ in ("stryker", "junit"):
        out = tmp_path / format_
        assert run(["report", *where, "--format", format_, "--out", str(out)]) == 0
        capsys.readouterr()
        assert run(["report", *where, "--format", format_]) == 0
        assert capsys.readouterr().out == out.read_text()
    document = json.loads((tmp_path / "stryker").read_text())
    assert [error.message for error in VALIDATOR.iter_errors(document)] == []
    assert Counter(bug["status"] for bug in mutants_in(document)) == {
        "Killed": 1,
        "Survived": 1,
        "Pending": 1,
    }
    assert run(["report", *where, "--format", "sarif"]) == 1
    assert "Name the revision before it" in capsys.readouterr().err


def test_a_lost_run_is_no_survivor() -> None:
    (entry,) = mutants_in(stryker_of(ReportedMutants("a", [LOST])))
    assert entry["status"] == "RuntimeError"
    assert entry["statusReason"].startswith("no verdict")
