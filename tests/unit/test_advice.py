"""Advice on a clean program that needs more than its level of containment gives it."""

from pathlib import Path

import pytest

from build import failure, outcome
from trainwreck.campaign.advice import advice_for
from trainwreck.model import Ending, Exit, Level, Means
from trainwreck.run.policy import UNCONTAINED, Policy
from trainwreck.subject.settings_file import load_settings

STRICT = Policy(Level.STRICT, Means.MOUNTS, is_online=False)
SETTINGS = '[subject]\nname = "a"\ncommand = ["a.py"]\n[metrics.loss]\n'


def advice(folder: Path, message: str, policy: Policy = STRICT, kind: str = "OSError") -> str:
    file = folder / "trainwreck.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    run = outcome(exit=Exit(Ending.EXITED, 1), error=failure(kind, message))
    return advice_for(load_settings(file), "python", run, "", policy)


def test_advice_names_the_folder_that_a_run_may_only_read(tmp_path: Path) -> None:
    results = tmp_path / "results" / "a.txt"
    message = f"[Errno 30] Read-only file system: '{results}'"
    assert f'add `writable = ["{results.parent}"]` under [trials]' in advice(tmp_path, message)
    assert advice(tmp_path, message, UNCONTAINED) == ""
    assert "writable" in advice(tmp_path, f"[Errno 13] Permission denied: '{results}'")


@pytest.mark.parametrize("path", ["/proc/self/oom_score_adj", "/sys/x", "/dev/mem"])
def test_advice_offers_no_parts_of_the_system(tmp_path: Path, path: str) -> None:
    assert advice(tmp_path, f"[Errno 30] Read-only file system: '{path}'") == ""


def test_advice_names_what_is_in_the_users_own_tmp(tmp_path: Path) -> None:
    message = "[Errno 2] No such file or directory: "
    assert str(tmp_path).startswith("/tmp/"), "pytest's own folder is meant to be there"
    there = advice(tmp_path, f"{message}'{tmp_path}'", kind="FileNotFoundError")
    assert f'add `writable = ["{tmp_path}"]`' in there
    there = advice(tmp_path, f"{message}'{tmp_path}/new'", kind="FileNotFoundError")
    assert f'add `writable = ["{tmp_path}"]`' in there
    for nowhere in ("/tmp/no-such-file", f"{tmp_path}/no/such"):
        assert "writable" not in advice(tmp_path, f"{message}'{nowhere}'")


@pytest.mark.parametrize(
    "message",
    [
        "[Errno 101] Network is unreachable",
        "[Errno 111] Connection refused",
        "[Errno -3] Temporary failure in name resolution",
        "HTTPSConnectionPool(host='a', port=443): Max retries exceeded (Caused by NameResolution"
        "Error: Failed to establish a new connection)",
    ],
)
def test_advice_opens_the_network(tmp_path: Path, message: str) -> None:
    assert "write `network = true` under [trials]" in advice(tmp_path, message, kind="ConnectError")
    online = Policy(Level.STRICT, Means.MOUNTS, is_online=True)
    assert advice(tmp_path, message, online, "ConnectError") == ""


def test_advice_names_the_services_that_only_the_first_run_reached(tmp_path: Path) -> None:
    file = tmp_path / "trainwreck.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    run = outcome(exit=Exit(Ending.EXITED, 1), error=failure("OwnError", "no database"))
    services = ["127.0.0.1:5432"]
    hint = advice_for(load_settings(file), "python", run, "", STRICT, services)
    assert "it used 127.0.0.1:5432: write `network = true` under [trials]" in hint
    assert advice_for(load_settings(file), "python", run, "", UNCONTAINED, services) == ""
    fine = outcome(exit=Exit(Ending.EXITED, 0))
    assert "network" not in advice_for(load_settings(file), "python", fine, "", STRICT, services)


@pytest.mark.parametrize("ending", [Ending.TIME, Ending.CPU])
def test_advice_names_the_limit_that_a_clean_run_had(tmp_path: Path, ending: Ending) -> None:
    file = tmp_path / "trainwreck.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    settings = load_settings(file)
    later = outcome(exit=Exit(ending, None), seconds=10.2, cpu_seconds=10.1)
    hint = advice_for(settings, "python", later, "")
    assert "Run the same command again" in hint
    assert "raise `timeout_factor` under [trials], now 10" in hint
    first = outcome(exit=Exit(ending, None), seconds=3_600.4, cpu_seconds=3_599.9)
    assert "Raise `clean_timeout` under [trials], now 3600" in advice_for(
        settings, "python", first, ""
    )


def test_advice_names_the_credential_that_runs_do_not_get(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SERVICE_API_KEY", "abc")
    monkeypatch.delenv("OTHER_API_KEY", raising=False)
    said = advice(tmp_path, "'SERVICE_API_KEY'", kind="KeyError")
    assert 'write `credentials = ["SERVICE_API_KEY"]` under [subject]' in said
    assert "credentials" not in advice(tmp_path, "'OTHER_API_KEY'", kind="KeyError")
    given = Policy(Level.STRICT, Means.MOUNTS, is_online=False, credentials=("SERVICE_API_KEY",))
    assert "credentials" not in advice(tmp_path, "'SERVICE_API_KEY'", given, kind="KeyError")


def test_advice_on_a_seed_that_reaches_no_number_names_it(tmp_path: Path) -> None:
    file = tmp_path / "trainwreck.toml"
    file.write_text(SETTINGS, encoding="utf-8")
    settings, run = load_settings(file), outcome(steps={"loss": ("nan",)})
    assert advice_for(settings, "python", run, "") == "Make the clean program reach a number first."
    said = advice_for(settings, "python", run, "", seed=7)
    assert "with seed 7" in said
    assert "`seeds = 1`" in said
