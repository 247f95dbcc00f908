"""Which level of containment a campaign has, and how it goes on."""

from dataclasses import asdict, replace
from pathlib import Path

import pytest

from build import ENVIRONMENT, outcome
from trainwreck.campaign import levels
from trainwreck.campaign.levels import choose_policy, keep_held
from trainwreck.errors import UsageError
from trainwreck.model import Held, Level, Means, Trial, TrialKind
from trainwreck.results.containment import HELD, held_so_far
from trainwreck.run.policy import Policy
from trainwreck.run.variables import fixed_variables, kept_variables, variables_of_home
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import load_settings

TRIAL = Trial("subject", TrialKind.CLEAN, 0)
SETTINGS = """\
[subject]
name = "a"
command = ["train.py"]

[metrics.loss]

[trials]
"""


def settings(folder: Path, lines: str = "") -> Settings:
    file = folder / "trainwreck.toml"
    file.write_text(SETTINGS + lines, encoding="utf-8")
    return load_settings(file)


@pytest.fixture
def strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine gives views of files."""
    monkeypatch.setattr(levels, "strict_means", lambda: (Means.MOUNTS, ""))


@pytest.fixture
def no_strict(monkeypatch: pytest.MonkeyPatch) -> None:
    """This machine gives nothing."""
    monkeypatch.setattr(levels, "strict_means", lambda: (None, "it is too old"))


def chosen(folder: Path, lines: str = "", begun: list[Held] | None = None) -> tuple[Held, str]:
    """Return what holds for a campaign, and what is said; ``begun`` is what held before."""
    said: list[str] = []
    (folder / "campaign").mkdir(exist_ok=True)
    with CampaignFile.open(folder / "campaign", create=True) as file:
        if begun is not None:
            file.add_run(TRIAL, outcome(trial_id=TRIAL.id), b"", ENVIRONMENT)
        if begun:
            file.set_meta(HELD, [asdict(item) for item in begun])
        policy = choose_policy(settings(folder, lines), folder / "campaign", file, said.append)
    return policy.held, " ".join(said)


STRICT = Held(Level.STRICT, Means.MOUNTS, is_online=False)


@pytest.mark.usefixtures("strict")
def test_the_default_level_is_the_best_that_the_machine_gives(tmp_path: Path) -> None:
    assert chosen(tmp_path) == (STRICT, "")
    assert chosen(tmp_path, "network = true") == (replace(STRICT, is_online=True), "")
    for level in (Level.COPY, Level.NONE):
        assert chosen(tmp_path, f'containment = "{level}"') == (Held(level), "")


@pytest.mark.usefixtures("no_strict")
def test_the_default_level_is_copy_where_the_machine_gives_no_other(tmp_path: Path) -> None:
    assert chosen(tmp_path) == (Held(Level.COPY), "")


@pytest.mark.usefixtures("no_strict")
def test_containment_strict_is_refused_where_the_machine_cannot_give_it(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as error:
        chosen(tmp_path, 'containment = "strict"')
    assert error.value.what == "level `strict` this machine cannot give: it is too old"
    assert 'Write `containment = "copy"` under [trials]' in error.value.hint
    with pytest.raises(UsageError, match="the campaign began at level `strict`"):
        chosen(tmp_path, begun=[STRICT])


@pytest.mark.usefixtures("strict")
def test_a_campaign_goes_on_at_the_level_of_its_baseline(tmp_path: Path) -> None:
    assert chosen(tmp_path, begun=[Held(Level.COPY)]) == (Held(Level.COPY), "")
    held, said = chosen(tmp_path, 'containment = "strict"', begun=[Held(Level.COPY)])
    assert held == STRICT
    assert "were contained at level copy (network open). The campaign goes on at level" in said


@pytest.mark.usefixtures("strict")
def test_a_campaign_from_before_levels_goes_on_uncontained_and_says_so(tmp_path: Path) -> None:
    held, said = chosen(tmp_path, begun=[])
    assert held == Held(Level.NONE)
    assert "The campaign began before trials were contained, and goes on so" in said
    held, said = chosen(tmp_path, 'containment = "strict"', begun=[])
    assert held == STRICT
    assert "goes on at level strict" in said


def test_what_held_is_kept_with_the_number_of_runs_before(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        assert held_so_far(file) == ()
        keep_held(file, Policy(Level.COPY))
        keep_held(file, Policy(Level.STRICT, Means.MOUNTS, is_online=False))
        assert held_so_far(file) == (STRICT,), "nothing ran at the first"
        file.add_run(TRIAL, outcome(trial_id=TRIAL.id), b"", ENVIRONMENT)
        for _ in range(2):
            keep_held(file, Policy(Level.COPY))
        assert held_so_far(file) == (
            STRICT,
            Held(Level.COPY, after=1),
        )


@pytest.mark.parametrize(
    ("writable", "problem"),
    [
        ("nowhere", "is not there"),
        (".", "holds the campaign"),
        ("campaign/work", "is part of the campaign"),
        ("/tmp/..", "is the root of the file system"),
    ],
)
def test_writable_is_refused(tmp_path: Path, writable: str, problem: str) -> None:
    (tmp_path / "campaign" / "work").mkdir(parents=True)
    with pytest.raises(UsageError, match=f"`{writable}` in `trials.writable` {problem}") as error:
        chosen(tmp_path, f'writable = ["{writable}"]')
    assert error.value.hint


def test_writable_begins_at_the_settings_and_may_begin_at_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    lines = 'writable = ["../data", "~/results", "/var/results"]'
    assert settings(tmp_path / "", lines).writable == (
        tmp_path.parent / "data",
        Path("/home/someone/results"),
        Path("/var/results"),
    )


def test_the_keys_of_containment_leave_the_fingerprint_as_it_was(tmp_path: Path) -> None:
    lines = 'containment = "copy"\nnetwork = true\nwritable = ["/data"]\ndisk = "3G"'
    assert settings(tmp_path).fingerprint == settings(tmp_path, lines).fingerprint


USERS = {
    "HOME": "/home/someone",
    "HF_TOKEN": "hf_1",
    "OTHER_TOKEN": "x",
    "WANDB_MODE": "online",
    "MLFLOW_TRACKING_URI": "https://server",
    "HF_HOME": "/home/someone/hub",
    "TORCH_HOME": "/data/torch",
    "PYTHONHOME": "/usr",
}


def test_kept_variables_withhold_credentials_and_keep_trackers_offline() -> None:
    kept = kept_variables(USERS, ["HF_TOKEN"], is_online=True)
    assert USERS["HF_TOKEN"] == kept["HF_TOKEN"]
    assert not {"OTHER_TOKEN", "PYTHONHOME", "HF_HUB_OFFLINE"} & kept.keys()
    assert (kept["WANDB_MODE"], kept["MLFLOW_TRACKING_URI"]) == ("offline", "mlruns")
    assert "MLFLOW_TRACKING_URI" not in kept_variables({}, [], is_online=True)


def test_kept_variables_keep_hubs_offline_where_the_network_is_closed() -> None:
    assert kept_variables({}, [], is_online=False)["HF_HUB_OFFLINE"] == "1"


def test_variables_of_home_move_what_lies_below_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("site.getuserbase", lambda: "/home/someone/.local")
    assert variables_of_home(Path("/slot/home"), USERS) == {
        "HOME": "/slot/home",
        "HF_HOME": "/slot/home/hub",
        "PYTHONUSERBASE": "/home/someone/.local",
    }


def test_fixed_variables_hold_the_number_of_threads() -> None:
    assert fixed_variables(3)["OMP_NUM_THREADS"] == "3"
