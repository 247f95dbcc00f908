"""`doctor --self`: each part of an installation and a machine, in order or not."""

import json
import sys
from pathlib import Path

import pytest

from trainwreck.campaign import installation
from trainwreck.campaign.installation import Part, PartCheck, State
from trainwreck.cli import installation as words
from trainwreck.cli.installation import ADVICE, SEEN, TOPICS, check_installation, check_text
from trainwreck.cli.main import run
from trainwreck.errors import ControlError, ExitCode
from trainwreck.model import Means
from trainwreck.store import library


def test_every_part_has_a_check_words_and_something_to_do() -> None:
    for words_of in (SEEN, ADVICE, TOPICS):
        assert words_of.keys() == set(Part)
    assert len(installation.CHECKS) == len(Part)


@pytest.mark.parametrize(
    ("means", "problem", "state", "says"),
    [
        (Means.MOUNTS, "", State.OK, "strict, by mounts"),
        (Means.LANDLOCK, "", State.LIMITED, "strict, by Landlock"),
        (None, "no user namespaces", State.LIMITED, "copy: runs work on copies, and can write"),
    ],
)
def test_doctor_self_says_what_containment_this_machine_gives(
    means: Means | None, problem: str, state: State, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(installation, "strict_means", lambda: (means, problem))
    check = installation._containment()
    assert check.state is state
    assert says in check_text(check)
    assert problem in check_text(check)


@pytest.mark.parametrize(
    ("controllers", "state"), [(("memory",), State.OK), (("",), State.OK), ((), State.LIMITED)]
)
def test_doctor_self_says_whether_the_kernel_limits_memory(
    controllers: tuple[str, ...], state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    pairs = tuple((name, Path("/sys")) for name in controllers)
    monkeypatch.setattr(installation, "parents", lambda: pairs)
    assert installation._groups().state is state


def test_doctor_self_without_scipy_is_missing_and_says_why(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(sys.modules, "scipy.stats", None)
    check = installation._scipy()
    assert check.state is State.MISSING
    assert "no verdict can be computed: ModuleNotFoundError" in check_text(check)


def test_doctor_self_names_what_sqlite_lacks(monkeypatch: pytest.MonkeyPatch) -> None:
    assert library.missing_features() == []
    monkeypatch.setitem(library.FEATURES, "JSON", "SELECT no_such_function('{}')")
    check = installation._sqlite()
    assert check.state is State.MISSING
    assert "lacks JSON" in check_text(check)


def test_doctor_self_with_little_disk_is_limited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(installation, "free_bytes", lambda _: 5 << 20)
    check = installation._disk()
    assert check.state is State.LIMITED
    assert "5 MB free for" in check_text(check)
    assert "`trainwreck clean`" in check_text(check)


@pytest.mark.parametrize(("encoding", "state"), [("utf-8", State.OK), ("ascii", State.LIMITED)])
def test_doctor_self_checks_the_encoding(
    encoding: str, state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "getfilesystemencoding", lambda: encoding)
    assert installation._locale().state is state


def fake(monkeypatch: pytest.MonkeyPatch, *checks: PartCheck) -> None:
    monkeypatch.setattr(words, "check_parts", lambda: iter(checks))


MISSING = PartCheck(Part.SQLITE, State.MISSING, ("3.7", "JSON"))
LIMITED = PartCheck(Part.GIT, State.LIMITED, ("",))


def test_doctor_self_ends_with_3_where_something_is_missing(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake(monkeypatch, LIMITED, MISSING)
    assert run(["doctor", "--self"]) == ExitCode.CONTROL
    printed = capsys.readouterr()
    assert printed.out.splitlines()[0].startswith("limited  git: is missing")
    assert "MISSING  SQLite: 3.7, which lacks JSON" in printed.out
    assert "trainwreck cannot work: SQLite" in printed.err


def test_doctor_self_ends_with_0_where_something_is_only_limited(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    fake(monkeypatch, LIMITED)
    assert run(["doctor", "--self", "--json"]) == ExitCode.FINE
    (line,) = capsys.readouterr().out.splitlines()
    assert json.loads(line) == {
        "part": "git",
        "state": "limited",
        "seen": [""],
        "text": words._seen(LIMITED),
        "todo": ADVICE[Part.GIT],
    }


def test_check_installation_raises_for_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    from trainwreck.cli.context import Options

    fake(monkeypatch, MISSING)
    with pytest.raises(ControlError, match="SQLite"):
        check_installation(Options())
