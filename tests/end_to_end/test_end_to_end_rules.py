"""The second zoo: small programs whose mutants are settled by rules, and others that only seem so.

A comment on a line tells the fate of all mutants of an operator there: the rung, and the rule that
decides or ``run``, or both where the order of the mutants tells which. Behind ``exact:`` is what
comes of them under ``--exact``; ``none`` is no rung, ``any`` whatever there is.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

import pytest

from trainwreck.campaign import first_runs
from trainwreck.cli.main import run
from trainwreck.errors import ExitCode
from trainwreck.model import TrialKind
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.connecting import opened

RULES = Path(__file__).parents[1] / "zoo_rules"
REPEATING = (
    "values",
    "wholes",
    "defaults",
    "unread",
    "joint",
    "crossed",
    "faulty",
    "model",
    "killed",
    "waiting",
    "schedule",
)
PROGRAMS = (*REPEATING, "alternating", "restless")
FATE = re.compile(r"# fate: ([^;(]+?)(?:; exact: (\w+ \S+))?(?: \(.+\))?$")
WITHOUT_RUN = ("same-code", "probe", "unused-default", "same-call", "unread", "together")
ASSUMED = ("unread", "together")

Capsys = pytest.CaptureFixture[str]
Place = tuple[str, int, str]


@dataclass(frozen=True)
class Fate:
    """What a line's comment says of the mutants of one operator on it."""

    program: str
    place: Place
    rung: str
    decided_by: str
    exact: tuple[str, str] | None


def fates() -> list[Fate]:
    return [fate for program in PROGRAMS for fate in fates_of(program)]


def fates_of(program: str) -> Iterator[Fate]:
    settings = tomllib.loads((RULES / program / "trainwreck.toml").read_text())
    for target in settings["subject"]["targets"]:
        base = RULES / program if target == "app" else RULES / "library"
        top = base if target == "app" else base / target
        for path in sorted(top.rglob("*.py")):
            for number, line in enumerate(path.read_text().splitlines(), 1):
                if match := FATE.search(line):
                    exact = tuple(match[2].split()) if match[2] else None
                    for told in match[1].split(", "):
                        operator, rung, rule = told.split()
                        place = path.relative_to(base).as_posix(), number, operator
                        yield Fate(program, place, rung, rule, exact)


@dataclass(frozen=True)
class Campaign:
    """A finished campaign, and the program's folder."""

    folder: Path
    program: Path

    def command(self, *arguments: str) -> int:
        before = Path.cwd()
        os.chdir(self.program)
        try:
            return run(["--campaign", str(self.folder), *arguments])
        finally:
            os.chdir(before)

    def records(self, capsys: Capsys, *arguments: str) -> list[dict[str, Any]]:
        assert self.command(*arguments, "--json") == 0
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    def stories(self, capsys: Capsys) -> dict[Place, list[dict[str, Any]]]:
        """What ``show`` tells of every mutant."""
        found: dict[Place, list[dict[str, Any]]] = {}
        for item in self.records(capsys, "list"):
            (story,) = self.records(capsys, "show", item["id"])
            found.setdefault((item["file"], item["line"], item["operator"]), []).append(story)
        return found

    def ask(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        # As the store writes, which seals what it changes.
        with opened(self.folder / "campaign.sqlite", create=True) as connection, connection:
            return connection.execute(query, values).fetchall()

    def copied(self, folder: Path) -> "Campaign":
        shutil.copytree(self.folder, folder)
        return replace(self, folder=folder)


def laid_out(program: str, folder: Path) -> Path:
    """A copy of a program whose settings know where its libraries and its counter are."""
    shutil.copytree(RULES, folder / "zoo", ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "counter").write_text("0")
    copy = folder / "zoo" / program
    settings = copy / "trainwreck.toml"
    env = "env = { " + ", ".join(f'{k} = "{v}"' for k, v in environment(folder).items()) + " }\n"
    settings.write_text(settings.read_text().replace("[subject]\n", "[subject]\n" + env))
    return copy


def environment(folder: Path) -> dict[str, str]:
    libraries = os.pathsep.join(str(folder / "zoo" / name) for name in ("library", "frameworks"))
    return {"PYTHONPATH": libraries, "ZOO_COUNTER": str(folder / "counter")}


@pytest.fixture(scope="module")
def campaign_of(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Campaign]:
    @cache
    def make(program: str) -> Campaign:
        folder = tmp_path_factory.mktemp(program)
        campaign = Campaign(folder / "campaign", laid_out(program, folder))
        jobs = "1" if program == "alternating" else "2"
        assert campaign.command("run", "--jobs", jobs) == 0
        return campaign

    return make


@pytest.fixture(scope="module")
def stories_of(campaign_of: Callable[[str], Campaign]) -> Callable[..., Any]:
    known: dict[str, dict[Place, list[dict[str, Any]]]] = {}

    def stories(program: str, capsys: Capsys) -> dict[Place, list[dict[str, Any]]]:
        campaign = campaign_of(program)
        capsys.readouterr()
        if program not in known:
            known[program] = campaign.stories(capsys)
        return known[program]

    return stories


def verdicts(stories: list[dict[str, Any]]) -> set[tuple[str, str]]:
    return {(s["verdict"]["rung"] or "none", s["verdict"]["decided_by"]) for s in stories}


def parameters() -> list[Any]:
    return [
        pytest.param(fate, id=f"{fate.place[0]}:{fate.place[1]}-{fate.place[2]}")
        for fate in fates()
        if fate.rung != "any"
    ]


@pytest.mark.parametrize("fate", parameters())
def test_a_bug_meets_its_fate_and_is_decided_as_its_line_tells(
    stories_of: Callable[..., Any], capsys: Capsys, fate: Fate
) -> None:
    stories = stories_of(fate.program, capsys)[fate.place]
    found = verdicts(stories)
    assert found
    assert found <= {(fate.rung, rule) for rule in fate.decided_by.split("/")}


@pytest.mark.parametrize("program", PROGRAMS)
def test_every_mutant_has_a_fate(
    stories_of: Callable[..., Any], capsys: Capsys, program: str
) -> None:
    assert set(stories_of(program, capsys)) == {fate.place for fate in fates_of(program)}


@pytest.mark.parametrize("program", PROGRAMS)
def test_a_rule_leaves_out_the_run_or_its_rest(
    stories_of: Callable[..., Any], capsys: Capsys, program: str
) -> None:
    for story in chain(*stories_of(program, capsys).values()):
        rule, outcome = story["verdict"]["decided_by"], story["outcome"]
        waited = program in ("waiting", "schedule") and rule == "together"
        assert (outcome is None) == (rule in WITHOUT_RUN and not waited)
        if outcome:
            assert outcome["settled"] == ("" if rule == "run" else rule)
        certainty = "assumed" if rule in ASSUMED else "proven"
        assert story["verdict"]["class"] == ("run" if rule == "run" else certainty)


@pytest.mark.parametrize("program", REPEATING)
def test_a_second_run_has_nothing_to_do(
    campaign_of: Callable[[str], Campaign], capsys: Capsys, program: str
) -> None:
    campaign = campaign_of(program)
    before = campaign.ask("SELECT count(*) FROM run")
    capsys.readouterr()
    (status,) = campaign.records(capsys, "run")
    assert status["left"] == 0
    assert campaign.ask("SELECT count(*) FROM run") == before


def test_what_probes_of_workers_saw_is_added_up(
    stories_of: Callable[..., Any], capsys: Capsys
) -> None:
    lines = (RULES / "library/probed/__init__.py").read_text().splitlines()
    line = 1 + lines.index(next(line for line in lines if "return number - helpers.ZERO" in line))
    (story,) = stories_of("values", capsys)["probed/__init__.py", line, "ArOR"]
    (probe,) = [each for each in story["verdict"]["facts"] if each["kind"] == "probe_counts"]
    assert (probe["evaluations"], probe["differing"]) == (2, 0)


def test_a_worker_that_was_killed_has_left_what_its_probes_saw(
    campaign_of: Callable[[str], Campaign],
) -> None:
    probes = campaign_of("killed").ask("SELECT doubt, evaluations, differing FROM probe")
    assert {doubt for doubt, _, _ in probes} <= {"", "no probe can be put around it"}
    assert {(2, 0), (2, 1)} <= {(evaluations, differing) for _, evaluations, differing in probes}


def test_a_bug_that_shows_in_no_metric_propagates_all_the_same(
    stories_of: Callable[..., Any], capsys: Capsys
) -> None:
    propagated = [
        story
        for story in chain(*stories_of("model", capsys).values())
        if story["verdict"]["rung"] == "propagated"
    ]
    silent = [story for story in propagated if "silent" in story["diff"].split("\n+")[1]]
    assert len(silent) == 3
    for story in propagated:
        assert (story["verdict"]["divergence"] is None) == (story in silent)


def test_a_program_with_two_ends_has_both_in_its_determinism(
    campaign_of: Callable[[str], Campaign], stories_of: Callable[..., Any], capsys: Capsys
) -> None:
    campaign = campaign_of("alternating")
    stories = list(chain(*stories_of("alternating", capsys).values()))
    (found,) = campaign.records(capsys, "baseline")
    assert [len(each["digests"]) for each in found["certificates"]] == [2]
    masked = [story for story in stories if story["verdict"]["rung"] == "masked"]
    assert len({str(story["outcome"]["steps"]) for story in masked}) == 2


def test_one_probed_run_does_not_speak_for_both_ends(tmp_path: Path, capsys: Capsys) -> None:
    """In the odd turns `turn >= 0` is what `turn > 0` is; in the even ones it is not."""
    campaign = Campaign(tmp_path / "campaign", laid_out("alternating", tmp_path))
    assert campaign.command("baseline", "--jobs", "1") == 0
    (tmp_path / "counter").write_text("1")
    assert campaign.command("run", "--jobs", "1") == 0
    capsys.readouterr()
    (item,) = campaign.records(capsys, "list", "--operator", "ComOR")
    (story,) = campaign.records(capsys, "show", item["id"])
    assert (story["verdict"]["decided_by"], story["verdict"]["class"]) == ("probe", "assumed")
    assert campaign.command("run", "--jobs", "1", "--exact") == 0
    capsys.readouterr()
    (story,) = campaign.records(capsys, "show", item["id"])
    assert story["verdict"]["decided_by"] == "run"


def test_where_clean_runs_never_repeat_no_rung_needs_them(
    campaign_of: Callable[[str], Campaign], capsys: Capsys
) -> None:
    campaign = campaign_of("restless")
    capsys.readouterr()
    (found,) = campaign.records(capsys, "baseline")
    (determinism,) = found["certificates"]
    assert len(determinism["digests"]) == determinism["runs"]
    assert campaign.command("report", "--paper") == 0
    text = capsys.readouterr().out
    assert "rung unknown" in text
    assert f"Seed 0: No two of {determinism['runs']} clean runs agree." in text


@pytest.mark.parametrize("program", ["schedule", "joint", "crossed", "unread", "waiting"])
def test_exact_runs_again_what_was_assumed_and_nothing_else(
    campaign_of: Callable[[str], Campaign],
    stories_of: Callable[..., Any],
    capsys: Capsys,
    tmp_path: Path,
    program: str,
) -> None:
    before = stories_of(program, capsys)
    campaign = campaign_of(program).copied(tmp_path / "campaign")
    assert campaign.command("run", "--exact", "--jobs", "2") == 0
    capsys.readouterr()
    after = campaign.stories(capsys)
    exact = {fate.place: fate.exact for fate in fates_of(program)}
    assert any(exact.values())
    for place, stories in after.items():
        if exact[place]:
            assert verdicts(stories) == {exact[place]}
        else:
            assert stories == before[place]


@pytest.mark.parametrize("program", ["values", "wholes", "defaults"])
def test_exact_keeps_what_is_proven(
    campaign_of: Callable[[str], Campaign], program: str, capsys: Capsys
) -> None:
    campaign = campaign_of(program)
    before = campaign.ask("SELECT count(*) FROM run")
    assert campaign.command("run", "--exact") == 0
    assert campaign.ask("SELECT count(*) FROM run") == before


@pytest.mark.parametrize(
    ("program", "rule"),
    [("values", "probe"), ("defaults", "unused-default"), ("wholes", "same-call")],
)
def test_without_a_rule_runs_tell_the_same(
    campaign_of: Callable[[str], Campaign],
    stories_of: Callable[..., Any],
    capsys: Capsys,
    tmp_path: Path,
    program: str,
    rule: str,
) -> None:
    before = stories_of(program, capsys)
    campaign = campaign_of(program).copied(tmp_path / "campaign")
    # A constant in the body of a class would run with others instead of alone.
    without = ("--without", rule, "--without", "together")
    assert campaign.command("run", *without, "--jobs", "2") == 0
    capsys.readouterr()
    found = 0
    for place, stories in campaign.stories(capsys).items():
        for story, earlier in zip(stories, before[place], strict=True):
            assert story["verdict"]["rung"] == earlier["verdict"]["rung"]
            was = earlier["verdict"]["decided_by"]
            assert story["verdict"]["decided_by"] == ("run" if was == rule else was)
            found += was == rule
    assert found


@pytest.mark.parametrize("program", ["values", "wholes", "defaults"])
def test_an_audit_agrees_until_a_proven_decision_is_wrong(
    campaign_of: Callable[[str], Campaign], capsys: Capsys, tmp_path: Path, program: str
) -> None:
    campaign = campaign_of(program).copied(tmp_path / "campaign")
    capsys.readouterr()
    (table,) = campaign.records(capsys, "audit", "--sample", "1000", "--jobs", "2")
    rows = {row[0]: row[1:4] for row in table["rows"]}
    settled = campaign.records(capsys, "status")[0]["planned"]
    settled -= campaign.ask("SELECT count(*) FROM run WHERE kind = 'mutant' AND settled = ''")[0][0]
    assert sum(audited for _, audited, _ in rows.values()) == settled > 5
    assert not any(wrong for _, _, wrong in rows.values())

    kind = {"values": "value", "defaults": "default"}.get(program)
    wrong = next(
        item["id"]
        for item in campaign.records(capsys, "list", "--rung", "propagated")
        if campaign.ask(
            "SELECT 1 FROM probe WHERE mutant_id = ? AND doubt = '' "
            "AND (? IS NULL OR kind = ? AND differing)",
            item["id"],
            kind,
            kind,
        )
    )
    if kind:
        campaign.ask("UPDATE probe SET differing = 0 WHERE mutant_id = ?", wrong)
    else:
        query = "UPDATE observation SET value = json_set(value, ?, 1) WHERE name = 'same whole'"
        campaign.ask(query, f'$."{wrong}"')
    campaign.ask("DELETE FROM run WHERE mutant_id = ?", wrong)
    assert campaign.command("audit", "--sample", "1000") == ExitCode.AUDIT == 5
    assert wrong in capsys.readouterr().err


@pytest.mark.parametrize(
    ("program", "rule", "audited", "wrong"),
    [
        ("joint", "together", 6, 0),
        ("crossed", "together", 2, 2),
        ("unread", "unread", 10, 1),
        ("waiting", "together", 6, 0),
    ],
)
def test_an_audit_tells_how_often_an_assumed_rule_is_wrong(
    campaign_of: Callable[[str], Campaign],
    capsys: Capsys,
    tmp_path: Path,
    program: str,
    rule: str,
    audited: int,
    wrong: int,
) -> None:
    campaign = campaign_of(program).copied(tmp_path / "campaign")
    capsys.readouterr()
    (table,) = campaign.records(capsys, "audit", "--sample", "1000", "--jobs", "2")
    rows = {row[0]: row[1:4] for row in table["rows"]}
    assert rows[rule] == ["assumed", audited, wrong]


def test_an_audit_finds_no_fault_where_bugs_show_in_later_epochs(
    campaign_of: Callable[[str], Campaign], capsys: Capsys, tmp_path: Path
) -> None:
    campaign = campaign_of("schedule").copied(tmp_path / "campaign")
    capsys.readouterr()
    (table,) = campaign.records(capsys, "audit", "--sample", "1000", "--jobs", "2")
    audited, wrong = {row[0]: row[2:4] for row in table["rows"]}["together"]
    assert audited > 1
    assert not wrong


def test_what_the_removed_rule_horizon_had_decided_runs_again(
    campaign_of: Callable[[str], Campaign],
    stories_of: Callable[..., Any],
    capsys: Capsys,
    tmp_path: Path,
) -> None:
    campaign = campaign_of("schedule").copied(tmp_path / "campaign")
    campaign.ask("UPDATE run SET settled = 'horizon' WHERE settled = 'together'")
    campaign.ask("DELETE FROM run WHERE kind = 'together'")
    capsys.readouterr()
    of_rule = "SELECT count(*) FROM run WHERE settled = 'horizon'"
    ((number,),) = campaign.ask(of_rule)
    assert number > 1
    decided = [s["verdict"] for each in campaign.stories(capsys).values() for s in each]
    assert [v["rung"] for v in decided if v["decided_by"] == "horizon"] == ["masked"] * number
    assert campaign.command("run") == 0
    assert campaign.ask(of_rule) == [(0,)]
    capsys.readouterr()
    before = stories_of("schedule", capsys)
    for place, stories in campaign.stories(capsys).items():
        rungs = [story["verdict"]["rung"] for story in stories]
        assert rungs == [story["verdict"]["rung"] for story in before[place]]


def test_mutants_that_run_together_run_less_often_and_end_alone_where_they_differ(
    campaign_of: Callable[[str], Campaign],
) -> None:
    query = "SELECT count(*) FROM run WHERE kind = ?"
    assert campaign_of("crossed").ask(query, "together") == [(1,)]
    assert campaign_of("crossed").ask(query, "mutant") == [(0,)]
    # Two bugs that hide each other are in one file, beside ten others.
    together, alone = (campaign_of("joint").ask(query, k)[0][0] for k in ("together", "mutant"))
    assert 2 <= alone < 12
    assert together > 3
    assert campaign_of("faulty").ask(query, "together")[0][0] > 3


def test_a_run_that_waits_for_a_joint_run_decides_nothing_before(
    campaign_of: Callable[[str], Campaign], capsys: Capsys, tmp_path: Path
) -> None:
    campaign = campaign_of("waiting").copied(tmp_path / "campaign")
    before, waited = campaign.stories(capsys), "SELECT count(*) FROM run WHERE settled = 'together'"
    numbers = campaign.ask(waited)
    campaign.ask("DELETE FROM run WHERE kind = 'together'")
    without = list(chain(*campaign.stories(capsys).values()))
    assert numbers == [(sum(story["verdict"] is None for story in without),)]
    assert campaign.command("run", "--jobs", "2") == 0
    capsys.readouterr()
    # With fewer of them, one may be left without another to run with.
    assert 0 < campaign.ask(waited)[0][0] <= numbers[0][0]
    after = campaign.stories(capsys)
    for place, stories in before.items():
        rungs = [story["verdict"]["rung"] for story in stories]
        assert [story["verdict"]["rung"] for story in after[place]] == rungs


def test_in_pieces_of_the_plan_mutants_have_the_same_fates(
    stories_of: Callable[..., Any], capsys: Capsys, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(first_runs, "LEAST_PIECE", 12)
    before = stories_of("waiting", capsys)
    campaign = Campaign(tmp_path / "campaign", laid_out("waiting", tmp_path))
    assert campaign.command("run", "--jobs", "2") == 0
    # As many as there are pieces, and those that had to run alone after each.
    assert len(re.findall("^mutants ", capsys.readouterr().err, re.MULTILINE)) > 3
    for place, stories in campaign.stories(capsys).items():
        rungs = [story["verdict"]["rung"] for story in before[place]]
        assert [story["verdict"]["rung"] for story in stories] == rungs
    assert campaign.ask("SELECT count(*) FROM run WHERE kind = 'together'")[0][0] > 0


def test_joint_runs_that_failed_raise_no_doubt_about_an_export(
    campaign_of: Callable[[str], Campaign], capsys: Capsys, tmp_path: Path
) -> None:
    campaign = campaign_of("waiting")
    crashed = "SELECT count(*) FROM run WHERE kind = 'together' AND code <> 0"
    assert campaign.ask(crashed)[0][0] > 0
    assert campaign.command("export", str(tmp_path / "records.jsonl")) == 0
    copy = replace(campaign, folder=tmp_path / "copy")
    capsys.readouterr()
    assert copy.command("import", str(tmp_path / "records.jsonl")) == 0
    assert "no doubts" in capsys.readouterr().out


def test_a_campaign_without_the_rule_runs_no_mutants_together(tmp_path: Path) -> None:
    campaign = Campaign(tmp_path / "campaign", laid_out("joint", tmp_path))
    assert campaign.command("run", "--without", "together", "--jobs", "2") == 0
    assert campaign.ask("SELECT count(*) FROM run WHERE kind = 'together'") == [(0,)]


@pytest.mark.parametrize("program", ["values", "defaults", "model"])
def test_the_agent_changes_no_result(
    campaign_of: Callable[[str], Campaign], program: str, tmp_path: Path
) -> None:
    """What it seeds is seeded; probes, digests and counters are without effect."""
    campaign = campaign_of(program)
    laid_out(program, tmp_path)
    seeded = "import random, runpy; random.seed(0); runpy.run_path('train.py', run_name='__main__')"
    ended = subprocess.run(
        [sys.executable, "-c", seeded],
        cwd=tmp_path / "zoo" / program,
        env=os.environ | environment(tmp_path) | {"PYTHONHASHSEED": "0"},
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    printed = tuple(re.findall(r"(?:result|loss): (\S+)", ended.stdout))
    assert printed
    with CampaignFile.open(campaign.folder) as file:
        kinds = (TrialKind.CLEAN, TrialKind.COVERAGE, TrialKind.PROBE, TrialKind.CONTROL)
        for _, _, outcome in file.outcomes(*kinds):
            (values,) = outcome.steps.values()
            assert values == printed
