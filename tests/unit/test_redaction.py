"""Secrets and the user's home are in no log, report or export."""

import json
import sqlite3
import zlib
from contextlib import closing
from pathlib import Path

import pytest

from build import failure, outcome
from trainwreck import Campaign
from trainwreck.cli.main import run as main
from trainwreck.cli.printing import say_for_others
from trainwreck.model import Environment, EnvironmentChange, Table, Trial, TrialKind
from trainwreck.model.redaction import for_others, redaction
from trainwreck.report.formats import FORMATS, write_report
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
    assert for_others({})(text) == 'File "~/x.py", /home/adam/y, /mnt/home/ada/z, (~)'
    monkeypatch.setattr(Path, "home", lambda: Path("/"))
    assert for_others({})(text) == text


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


HOMES = ["/home/ada", "/home/ada_l", "/home/jörg"]


def private_table(said: str) -> Table:
    """Return a table that says it wherever a table has texts."""
    remark = EnvironmentChange(3, (said,))
    groups = ((said, 1), ("b", 1))
    return Table("t", said, (said, "number"), ((said, 5),), said, groups, (remark,))


@pytest.mark.parametrize("home", HOMES)
@pytest.mark.parametrize("format_", FORMATS)
def test_reports_hold_neither_secret_nor_home_in_any_format(
    home: str, format_: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MY_API_KEY", SECRET)
    monkeypatch.setattr(Path, "home", lambda: Path(home))
    table = private_table(f"{home}/run.py with {SECRET} and ghp_{'a1B2' * 9}")
    if format_ == "parquet":
        pandas = pytest.importorskip("pandas")
        pytest.importorskip("pyarrow")
        write_report([table], format_, tmp_path)
        text = pandas.read_parquet(tmp_path / "t.parquet").to_csv()
    else:
        text = write_report([table], format_) or ""
        if format_ == "json":
            text = json.dumps(json.loads(text), ensure_ascii=False)
    assert "run.py" in text
    plain = text.replace("\\", "")
    assert [private for private in (home, SECRET, "a1B2") if private in plain] == []


def test_a_secret_of_digits_leaves_json_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DB_PASSWORD", "12345678")
    say_for_others('{"value": 0.12345678, "said": "12345678"}', as_json=True)
    assert json.loads(capsys.readouterr().out) == {"value": 0.12345678, "said": "<DB_PASSWORD>"}


FOREIGN = """\
{"kind": "subject", "name": "SAID", "metrics": ["loss"], "extra": "SAID"}
{"kind": "clean", "seed": 0, "metrics": {"loss": 1.0}, "log": "SAID"}
{"kind": "mutant", "operator": "SAID", "symptom": "crash", "file": "a.py", "line": 1, \
"name": "SAID", "error": {"type": "OSError", "message": "SAID"}, "runs": [{"log": "SAID"}]}
{"kind": "mutant", "operator": "ROR", "symptom": "normal", "file": "b.py", "line": 2, \
"id": "abcd", "runs": [{"metrics": {"loss": 0.12345678}}], "note":  "two  blanks"}
"""


def test_imported_records_are_passed_on_without_secret_and_home(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    said = f"/home/jörg/run.py with {SECRET}"
    records, campaign, out = (tmp_path / name for name in ("in.jsonl", "campaign", "out.jsonl"))
    records.write_text(FOREIGN.replace("SAID", said), encoding="utf-8")
    monkeypatch.setenv("MY_API_KEY", SECRET)
    monkeypatch.setattr(Path, "home", lambda: Path("/home/jörg"))
    at = ["--campaign", str(campaign)]
    assert main([*at, "import", str(records)]) == 0
    assert main([*at, "export", str(out)]) == 0
    capsys.readouterr()
    exported = out.read_text(encoding="utf-8")
    assert exported.splitlines()[-1] == FOREIGN.splitlines()[-1], "unchanged lines keep their bytes"
    assert exported.count("~/run.py with <MY_API_KEY>") == 7
    commands = [["status"], ["status", "--json"], ["show", "abcd"], ["show", "abcd", "--json"]]
    commands += [["report", "--format", name] for name in FORMATS if name != "parquet"]
    for command in [*commands, ["report", "--json"], ["export", "-"]]:
        assert main([*at, *command]) == 0
        printed = capsys.readouterr().out
        assert printed
        shown = printed.encode().decode("unicode_escape") if "json" in command[-1] else printed
        assert SECRET not in shown, command
        assert "/home/j" not in shown, command
