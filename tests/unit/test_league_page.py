"""docs/league.md is what the exports in results/league/ say, of detectors that adapters have."""

import json
import re
import sys

import pytest

from guest import ROOT
from trainwreck.subject.settings_file import FILE_NAME, load_settings

sys.path.insert(0, str(ROOT / "tools" / "pages"))

import league

STUDIES = ROOT / "studies" / "league"


def test_league_page_is_made_from_its_exports() -> None:
    assert (ROOT / "docs" / "league.md").read_text(encoding="utf-8") == league.page(league.RESULTS)


@pytest.mark.parametrize("study", league.DETECTORS)
def test_league_settings_have_one_check_that_runs_all_detectors(study: str) -> None:
    settings = load_settings(STUDIES / study / FILE_NAME)
    training = settings.subject.command[1:]
    (check,) = settings.checks
    assert check.name == league.WATCHED
    assert check.command == (league.WATCHED, *training)


@pytest.mark.parametrize("study", league.DETECTORS)
def test_league_adapters_and_figures_have_the_detectors_of_the_page(study: str) -> None:
    files = sorted((STUDIES / study / league.WATCHED).glob("*.py"))
    code = "\n".join(path.read_text(encoding="utf-8") for path in files)
    names = {detector.name for detector in league.DETECTORS[study]}
    assert all(f'"{name}"' in code for name in names)
    said = json.loads((league.RESULTS / f"{study}.json").read_text(encoding="utf-8"))
    assert set(said["seconds"]) == names
    assert {name for alarms in said["alarms"].values() for name in alarms} <= names


def test_league_versions_on_the_page_are_those_that_are_installed() -> None:
    prose = league.PROSE.read_text(encoding="utf-8")
    pinned = (STUDIES / "torch" / "requirements.txt").read_text(encoding="utf-8")
    for name, version in re.findall(r"^\| ([\w-]+) \| ([\d.]+) \|", prose, re.MULTILINE):
        assert f"{name.lower()}=={version}" in pinned
