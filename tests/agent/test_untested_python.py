"""The range of Pythons that a subject may run on, and the setting that goes beyond it."""

import os
from pathlib import Path

import pytest
from test_agent import PYTHONS

from guest import ROOT
from trainwreck.campaign.identity import remember
from trainwreck.campaign.prepare import PreparedSubject, prepare_subject
from trainwreck.errors import UsageError
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject import pythons
from trainwreck.subject.interpreter import survey
from trainwreck.subject.preparation import obstacles
from trainwreck.subject.pythons import check_range, check_version
from trainwreck.subject.settings_file import load_settings

NEWER = (pythons.NEWEST_TESTED[0], pythons.NEWEST_TESTED[1] + 1)
PYTHON_2 = sorted(Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")).glob("versions/2.7*"))


@pytest.mark.parametrize("version", [pythons.OLDEST, (3, 9), pythons.NEWEST_TESTED])
def test_check_range_accepts_the_tested_pythons(version: tuple[int, int]) -> None:
    check_range("python", version)


@pytest.mark.parametrize("version", [(2, 7), (3, 5)])
@pytest.mark.parametrize("untested", [False, True])
def test_check_range_refuses_a_python_that_is_too_old(
    version: tuple[int, int], untested: bool
) -> None:
    with pytest.raises(UsageError, match=rf"`old` is Python {version[0]}\.{version[1]}") as refused:
        check_range("old", version, untested)
    assert "Python 3.6" in refused.value.what
    assert refused.value.hint.endswith(f"to a Python from {pythons.supported()}.")


def test_check_range_refuses_an_untested_python_unless_it_is_allowed() -> None:
    with pytest.raises(UsageError, match="untested") as refused:
        check_range("new", NEWER)
    assert pythons.supported() in refused.value.hint
    assert "`untested_python = true`" in refused.value.hint
    check_range("new", NEWER, untested=True)
    with pytest.raises(UsageError, match=r"Python 4\.0"):
        check_range("new", (4, 0))


def answering(folder: Path, version: tuple[int, int]) -> str:
    """An executable that answers the question for its version as an interpreter does."""
    path = folder / "python"
    path.write_text(f"#!/bin/sh\necho {version[0]}.{version[1]}\n")
    path.chmod(0o755)
    return str(path)


def test_check_version_asks_the_interpreter(tmp_path: Path) -> None:
    python = answering(tmp_path, NEWER)
    check_version(python, untested=True)
    with pytest.raises(UsageError, match="untested"):
        check_version(python)


@pytest.mark.skipif(not PYTHON_2, reason="Python 2.7 is not on this machine")
def test_survey_names_the_version_of_a_python_that_cannot_read_its_script() -> None:
    with pytest.raises(UsageError, match=r"is Python 2\.7"):
        survey(str(PYTHON_2[-1] / "bin" / "python"), [])


def allow(program: Path) -> None:
    file = program / "trainwreck.toml"
    file.write_text(file.read_text().replace("[subject]\n", "[subject]\nuntested_python = true\n"))


def test_untested_python_is_a_setting_and_no_part_of_the_fingerprint(zoo: Path) -> None:
    before = load_settings(zoo / "trainwreck.toml")
    allow(zoo)
    after = load_settings(zoo / "trainwreck.toml")
    assert (before.untested_python, after.untested_python) == (False, True)
    assert after.fingerprint == before.fingerprint
    assert after.subject.fingerprint == before.subject.fingerprint


def test_untested_python_must_be_true_or_false(zoo: Path) -> None:
    allow(zoo)
    file = zoo / "trainwreck.toml"
    file.write_text(file.read_text().replace("untested_python = true", "untested_python = 1"))
    with pytest.raises(UsageError, match=r"subject\.untested_python` must be true or false"):
        load_settings(file)


def test_prepare_subject_refuses_an_untested_python_unless_it_is_allowed(
    zoo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pythons, "NEWEST_TESTED", (3, 7))
    python = next(path for name, path in PYTHONS.items() if name not in ("3.6", "3.7"))
    file = zoo / "trainwreck.toml"

    def open_one() -> PreparedSubject:
        settings = load_settings(file, python=python)
        return prepare_subject(settings, tmp_path / "campaign", tmp_path / "cache", None, print)

    with pytest.raises(UsageError, match="untested"):
        open_one()
    assert any("untested" in text for text in obstacles(load_settings(file, python=python)))
    allow(zoo)
    subject = open_one()
    (tmp_path / "campaign").mkdir()
    with CampaignFile.open(tmp_path / "campaign", create=True) as campaign:
        remember(subject, campaign)
        assert campaign.meta("untested_python") is True
    assert obstacles(load_settings(file, python=python)) == []


@pytest.mark.parametrize("page", ["README.md", "DESIGN.md", "src/trainwreck/agent/PROTOCOL.md"])
def test_newest_tested_is_the_version_that_the_pages_name(page: str) -> None:
    text = " ".join((ROOT / page).read_text(encoding="utf-8").split())
    assert f"Python {pythons.supported()}" in text
