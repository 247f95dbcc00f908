"""A new family of operators costs one module and one line: nothing else must know it."""

import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest
from parso.tree import Leaf
from trainwreck.results.source import judge_campaigns, results_of

from build import source_of
from trainwreck.cli.main import run
from trainwreck.findings import operator_heads, table_two
from trainwreck.model import OperatorCode, ProbeKind
from trainwreck.mutants.instrument import probe_text
from trainwreck.mutants.listing import list_mutants
from trainwreck.operators import Change, Operator, changes_at, families, families_with, registry
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings_file import load_settings

SWAPPED = {"min": "max", "max": "min"}


def swap_extreme(leaf: Leaf) -> Iterator[Change]:
    """Replace `min` by `max` and the other way round."""
    yield Change(leaf.start_pos, leaf.end_pos, SWAPPED[leaf.value], leaf)


EXTREMES = Operator(
    name="MinMax",
    family="extremes",
    title="smallest and largest",
    examples=(("min(a, b)", ("max(a, b)",)),),
    sites=partial(changes_at, tuple(SWAPPED), swap_extreme),
)

SETTINGS = """
[subject]
name = "tiny"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[trials]
clean = 1
repeats = 1
seeds = 1
"""
TRAIN = """\
def unused(values):
    return max(values)
number = max(1, 2) + 1
print('accuracy:', number / 4, min('a', 'a'), 'min')
"""


@pytest.fixture
def tiny(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "trainwreck.toml").write_text(SETTINGS)
    (folder / "train.py").write_text(TRAIN)
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRAINWRECK_CACHE", str(tmp_path / "cache"))
    return folder


@pytest.fixture
def registered(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "OPERATORS", (*registry.OPERATORS, EXTREMES))


def listed(capsys: pytest.CaptureFixture[str], *options: str) -> list[tuple[str, int, str]]:
    """Return operator, line and id of each mutant that ``list`` prints."""
    capsys.readouterr()
    assert run(["list", "--json", *options]) == 0
    lines = map(json.loads, capsys.readouterr().out.splitlines())
    return [(line["operator"], line["line"], line["id"]) for line in lines]


def choose(folder: Path, mutants: str) -> None:
    (folder / "trainwreck.toml").write_text(f"{SETTINGS}\n[mutants]\n{mutants}\n")


def test_a_registered_family_changes_no_default(
    tiny: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    before = load_settings(tiny / "trainwreck.toml"), listed(capsys, "--uncovered")
    monkeypatch.setattr(registry, "OPERATORS", (*registry.OPERATORS, EXTREMES))
    assert families()["extremes"] == ("MinMax",)
    after = load_settings(tiny / "trainwreck.toml"), listed(capsys, "--uncovered")
    assert after == before
    assert after[0].fingerprint == before[0].fingerprint
    assert {operator.family for operator in families_with(["NVR"])} == {"table2"}


@pytest.mark.usefixtures("registered")
def test_settings_choose_a_family_or_its_operators_by_name(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    eight = listed(capsys, "--uncovered")
    choose(tiny, 'families = ["extremes", "table2"]')
    both = listed(capsys, "--uncovered")
    assert [mutant for mutant in both if mutant[0] != "MinMax"] == eight
    assert [line for operator, line, _ in both if operator == "MinMax"] == [2, 3, 4]
    choose(tiny, 'operators = ["NVR", "MinMax"]')
    assert {operator for operator, *_ in listed(capsys, "--uncovered")} == {"NVR", "MinMax"}


@pytest.mark.usefixtures("registered")
def test_mutants_of_a_new_family_are_planned_run_stored_reported_and_exported(
    tiny: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    choose(tiny, 'families = ["extremes", "table2"]')
    assert run(["run"]) == 0
    assert len(listed(capsys, "--operator", "MinMax")) == 2
    assert run(["export", "tiny.jsonl"]) == 0
    assert run(["--campaign", "copy", "import", "tiny.jsonl"]) == 0
    for folder in (".trainwreck", "copy"):
        with CampaignFile.open(tiny / folder) as file:
            (study,) = judge_campaigns([results_of(file)])
        rungs = [
            (item.mutant.span.column, item.verdict.rung)
            for item in study.judged
            if item.mutant.operator == "MinMax"
        ]
        assert sorted(rungs) == [(9, "propagated"), (31, "masked")]
        assert operator_heads(study.judged).heads == (*OperatorCode, "MinMax")
        assert table_two([study]).rows[-1][:3] == (
            "MinMax",
            "smallest and largest",
            "min(a, b) → max(a, b)",
        )


def test_probes_only_count_evaluations_of_an_operator_that_they_do_not_know() -> None:
    source = source_of("def f(a=max(1, 2)): return a\n")
    mutants = list_mutants(source, "app", "a.py", "a", (3, 11), [EXTREMES]).mutants
    watched = probe_text(source, mutants, (3, 11), 0).watched
    assert [watch.kind for watch in watched.values()] == [ProbeKind.EVALUATIONS]
