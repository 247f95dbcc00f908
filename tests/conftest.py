"""Folders to work in, and a check that no test leaves anything behind."""

import hashlib
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from hypothesis import settings as hypothesis_settings

from exchanging import exported, fill
from trainwreck.interrupts import INTERRUPTS
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject import pythons
from trainwreck.subject.studies import cache_folder

TESTS = Path(__file__).parent
ZOO = TESTS / "zoo"
USER_CACHE = cache_folder()

# A shell's background job ignores Ctrl-C, and so would the programs that tests interrupt.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)

# No test depends on the speed of the machine, or on what else runs on it.
hypothesis_settings.register_profile("patient", deadline=None)
hypothesis_settings.load_profile("patient")

PROCESS_EVENTS = frozenset(["subprocess.Popen", "os.fork", "os.forkpty", "os.posix_spawn"])
"""What the interpreter reports when it starts a process (PEP 578)."""

FONTS = "fc-list"
"""The program that Matplotlib asks for fonts, once in a home: whichever test draws first."""

_may_start_processes = True


def _refuse_processes(event: str, arguments: tuple[object, ...]) -> None:
    if event in PROCESS_EVENTS and not _may_start_processes and arguments[:1] != (FONTS,):
        raise AssertionError("a test of tests/unit starts a process; mark it with `process`")


sys.addaudithook(_refuse_processes)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark every test outside of tests/unit: it may start processes."""
    for item in items:
        if TESTS / "unit" not in item.path.parents:
            item.add_marker("process")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_protocol(item: pytest.Item) -> Iterator[object]:
    """Let no test start a process unless it is marked."""
    global _may_start_processes
    _may_start_processes = item.get_closest_marker("process") is not None
    try:
        return (yield)  # type: ignore[return-value]
    finally:
        _may_start_processes = True


def tree_hash(folder: Path) -> str:
    """Hash of every name and every byte below a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        whole.update(str(path.relative_to(folder)).encode())
        if path.is_file():
            whole.update(path.read_bytes())
    return whole.hexdigest()


@pytest.fixture(scope="session")
def user_cache() -> Path:
    """The user's own cache: environments of studies are made once, not for every session."""
    return USER_CACHE


@pytest.fixture(scope="session", autouse=True)
def cache(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A cache of this test session's own."""
    folder = tmp_path_factory.mktemp("cache")
    os.environ["TRAINWRECK_CACHE"] = str(folder)
    yield folder
    del os.environ["TRAINWRECK_CACHE"]


@pytest.fixture(scope="session", autouse=True)
def this_python_is_allowed() -> Iterator[None]:
    """The tests may run on a Python that is newer than the tested ones, to find what fails."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pythons, "NEWEST_TESTED", max(pythons.NEWEST_TESTED, sys.version_info[:2]))
        yield


@pytest.fixture
def no_process_is_left(tmp_path: Path) -> Iterator[None]:
    """After the test no process carries an order file below its temporary folder."""
    yield
    left = []
    for process in psutil.process_iter():
        try:
            order = process.environ().get("TRAINWRECK_ORDER", "")
        except (psutil.Error, OSError):
            continue
        if order.startswith(str(tmp_path)):
            left.append(process.cmdline())
    assert left == []


@pytest.fixture
def zoo(tmp_path: Path) -> Path:
    """A copy of the zoo's program whose settings know where its library is."""
    return copy_zoo(tmp_path / "zoo")


def copy_zoo(folder: Path) -> Path:
    """Copy program and library into ``folder`` and return the program's folder."""
    shutil.copytree(ZOO, folder)
    program = folder / "program"
    settings = program / "trainwreck.toml"
    where = f'env = {{ PYTHONPATH = "{folder / "library"}" }}\n'
    settings.write_text(settings.read_text().replace("[subject]\n", "[subject]\n" + where))
    return program


@pytest.fixture(scope="session")
def campaign(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A campaign with every kind of run, to be read only."""
    folder = tmp_path_factory.mktemp("campaign")
    with CampaignFile.open(folder, create=True) as file:
        fill(file)
    return folder


@pytest.fixture(scope="session")
def records(campaign: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All that an export of it can hold."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "home", lambda: Path("/nobody"))
        return exported(campaign, tmp_path_factory.mktemp("out") / "a.jsonl", logs=True)


@pytest.fixture
def no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    """Temporary folders may lie in the user's own one."""
    monkeypatch.setattr(Path, "home", lambda: Path("/nobody"))


@pytest.fixture(autouse=True)
def _own_signals() -> Iterator[None]:
    """Leave to the next test no handler of this one, and no signal that was noted."""
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    yield
    for number, handler in handlers.items():
        if handler is not None:
            signal.signal(number, handler)
    INTERRUPTS.forget()
