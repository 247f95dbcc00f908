"""Secrets and the user's home are in no log, report or export."""

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from build import failure, outcome
from trainwreck import Campaign
from trainwreck.model import Environment, Trial, TrialKind
from trainwreck.model.redaction import redaction, without_home
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile

SECRET = "k3y-0123456789-of-nobody"
CLEAN = Trial("s", TrialKind.CLEAN, 0)

SHAPED = {
    "token": [
        "ghp_" + "a1B2" * 9,
        "github_pat_" + "11ABCDEFG0" * 4,
        "hf_" + "abcDEF1234" * 4,
        "sk-proj-" + "Ab1-" * 10,
        "xoxb-1234567890-abc",
        "AIza" + "SyA1234567890" + "b" * 22,
    ],
    "key": ["AKIA" + "IOSFODNN7EXAMPLE"],
    "web token": ["eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.dozjgNryP4J3jVmNHl0w"],
    "private key": ["-----BEGIN RSA PRIVATE KEY-----\nMIIE\nabc\n-----END RSA PRIVATE KEY-----"],
}


@pytest.mark.parametrize(("name", "text"), [(n, t) for n, texts in SHAPED.items() for t in texts])
def test_redaction_knows_the_shapes_of_tokens(name: str, text: str) -> None:
    assert redaction({})(f"login={text}, then 5") == f"login=<{name}>, then 5"


def test_redaction_names_the_variable_whose_value_it_takes_out() -> None:
    redact = redaction({"MY_API_KEY": SECRET, "DB_PASSWORD": "swordfish", "AWS_PROFILE": "develop"})
    text = f"{SECRET}: swordfish {SECRET}x develop"
    assert redact(text) == "<MY_API_KEY>: <DB_PASSWORD> <MY_API_KEY>x develop"
    assert redact("postgres://me:pa55@host/db") == "postgres://<password>@host/db"


@pytest.mark.parametrize(
    "text",
    [
        "accuracy: 0.5 sk-learn hf_hub ghp_ eyJ",
        "epoch 1/5 loss=0.25 https://host:8080/path?x=1",
        "tokens: 512, key: value, password: ",
        "AKIA",
    ],
)
def test_redaction_leaves_what_programs_print(text: str) -> None:
    environment = {"MAX_TOKENS": "512", "SHORT_KEY": "epoch", "PATH": "/usr/bin", "HOME": "/root"}
    assert redaction(environment)(text) == text


def test_a_home_is_a_tilde(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    text = 'File "/home/ada/x.py", /home/adam/y, /mnt/home/ada/z, (/home/ada)'
    assert without_home(text) == 'File "~/x.py", /home/adam/y, /mnt/home/ada/z, (~)'
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert without_home(text) == text


@pytest.fixture
def leaky(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A campaign of a program that puts a secret and the home wherever it can."""
    monkeypatch.setenv("MY_API_KEY", SECRET)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/ada"))
    said = f"/home/ada/run.py with {SECRET}"
    run = outcome(
        trial_id=CLEAN.id,
        error=failure(message=said),
        stack=said,
        observations={"seeds": {"said": [said]}},
    )
    (tmp_path / "leaky").mkdir()
    with CampaignFile.open(tmp_path / "leaky", create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        file.set_meta("bases", {})
        file.add_run(CLEAN, run, b"\xff " + said.encode(), Environment("3.11", {}))
    return tmp_path / "leaky"


def test_stored_records_hold_no_secret(leaky: Path) -> None:
    with closing(sqlite3.connect(leaky / FILE_NAME)) as connection:
        rows = [str(row) for (table,) in connection.execute(
            "SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
            for row in connection.execute(f"SELECT * FROM {table}")]  # fmt: skip
        (log,) = connection.execute("SELECT content FROM log").fetchone()
    assert not [row for row in rows if SECRET in row]
    assert sum("<MY_API_KEY>" in row for row in rows) == 2
    assert zlib.decompress(log) == b"\xff /home/ada/run.py with <MY_API_KEY>"


def test_exports_hold_neither_secret_nor_home_of_earlier_records(
    leaky: Path, tmp_path: Path
) -> None:
    with CampaignFile.open(leaky, create=True) as file:
        file._connection.execute(
            "UPDATE run SET stack = ?", (f"/home/ada/run.py with {SECRET}, said",)
        )
        file._connection.commit()
    Campaign(leaky).export(tmp_path / "out.jsonl", logs=True)
    text = (tmp_path / "out.jsonl").read_text()
    assert SECRET not in text
    assert "/home/ada" not in text
    facts = [json.loads(line) for line in text.splitlines()]
    (run,) = [fact["row"] for fact in facts if fact.get("table") == "run"]
    assert run["stack"] == "<home>/run.py with <MY_API_KEY>, said"


def test_the_origin_of_runs_comes_back_and_is_compared(tmp_path: Path) -> None:
    old = Environment("3.11", {"numpy": "2.0"})
    one = Environment("3.11", {"numpy": "2.0"}, {"kernel": "Linux 5", "settings": "a"})
    two = Environment("3.11", {"numpy": "2.0"}, {"kernel": "Linux 6", "settings": "b"})
    with CampaignFile.open(tmp_path, create=True) as file:
        for seed, environment in enumerate((old, one, two, one)):
            trial = Trial("s", TrialKind.CLEAN, seed)
            file.add_run(trial, outcome(trial_id=trial.id), b"", environment)
    with CampaignFile.open(tmp_path) as file:
        assert file.environments() == [(old, 1), (one, 2), (two, 1)]
    assert one.difference(two) == ["kernel Linux 5 → Linux 6"]
    assert old.difference(one) == []
