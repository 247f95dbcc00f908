"""Without the extras everything works that needs none; the rest says what is missing."""

import importlib.util
import sys
from pathlib import Path

import pytest

import trainwreck
from trainwreck.campaign.installation import Part, PartCheck, State
from trainwreck.cli.installation import check_text
from trainwreck.cli.main import run
from trainwreck.errors import ExitCode, UsageError, need

EXTRAS = {"matplotlib", "pandas", "pyarrow"}


@pytest.fixture
def without_extras(monkeypatch: pytest.MonkeyPatch) -> None:
    find_spec = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name in EXTRAS else find_spec(name)
    )


def test_need_names_what_is_missing_and_the_command(without_extras: None) -> None:
    need("numbers", "none", "numpy")
    with pytest.raises(UsageError, match="figures need matplotlib, which") as caught:
        need("figures", "report", "matplotlib")
    assert caught.value.hint == "Run `python -m pip install 'trainwreck[report]'`."


@pytest.mark.parametrize(
    ("mark", "without", "command"),
    [
        ("pipx_metadata.json", set(), "pipx runpip mine install"),
        ("uv-receipt.toml", {"pip"}, f"uv pip install --python {sys.executable}"),
    ],
)
def test_need_names_the_command_of_the_installer(
    mark: str,
    without: set[str],
    command: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    without_extras: None,
) -> None:
    place = tmp_path / "mine"
    place.mkdir()
    (place / mark).write_text("")
    monkeypatch.setattr(sys, "prefix", str(place))
    monkeypatch.setattr(sys.modules[__name__], "EXTRAS", EXTRAS | without)
    with pytest.raises(UsageError) as caught:
        need("figures", "report", "matplotlib")
    assert caught.value.hint == f"Run `{command} 'trainwreck[report]'`."
    check = PartCheck(Part.EXTRAS, State.LIMITED, ("report",))
    assert f"Run `{command} 'trainwreck[report,frames]'`." in check_text(check)


@pytest.mark.parametrize(
    ("options", "extra"),
    [
        (("--figure", "figure.svg"), "trainwreck[report]"),
        (("--format", "parquet", "--out", "tables"), "trainwreck[frames]"),
    ],
)
def test_report_says_which_extra_an_option_needs(
    campaign: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    without_extras: None,
    options: tuple[str, ...],
    extra: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    assert run(["--campaign", str(campaign), "report"]) == 0
    assert run(["--campaign", str(campaign), "report", *options]) == ExitCode.USAGE
    assert extra in capsys.readouterr().err
    assert not Path(options[-1]).exists()


def test_a_notebook_shows_tables_without_data_frames(campaign: Path, without_extras: None) -> None:
    opened = trainwreck.open(campaign)
    assert "<table" in opened.tables["table-5"]._repr_html_()
    with pytest.raises(UsageError, match="data frames need pandas"):
        _ = opened.verdicts
