"""The plan of what one trial sees, writes and reaches, and the homes that trials get."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.model import Level, Means, Subject
from trainwreck.run.containment import Containment
from trainwreck.run.context import RunContext
from trainwreck.run.home import SMALL, copy_into_home, link_into_home
from trainwreck.run.policy import Policy
from trainwreck.run.private_views import (
    TrialFolders,
    name_of_view,
    plan_of,
    services,
    set_inputs_apart,
    view_folders,
)
from trainwreck.subject.interpreter import AGENT

STRICT = Policy(Level.STRICT, Means.MOUNTS, is_online=False)


@pytest.fixture
def context(tmp_path: Path) -> RunContext:
    for name in ("program", "campaign/work/0", "home/.cache", "data", "elsewhere/images"):
        (tmp_path / name).mkdir(parents=True)
    return RunContext(
        subject=Subject("s", ("train.py",), ".", "", ("app",), (), (), 1, ()),
        folder=tmp_path / "program",
        campaign=tmp_path / "campaign",
        executable="/usr/bin/python3",
        bases={},
        covers=(),
        marks={},
        data=tmp_path / "data",
        policy=STRICT,
        shared=(tmp_path / "elsewhere" / "images",),
    )


def plan(context: RunContext, command: Iterable[str] = (), **more: bool) -> Containment:
    slot = context.work / "0"
    folders = TrialFolders(slot, slot / "tmp", slot / "private")
    environment = {"HOME": str(context.folder.parent / "home"), "TMPDIR": "/tmp", "PATH": "/bin:"}
    return plan_of(context, folders, environment=environment, command=command, **more)


def test_plan_of_lets_a_trial_write_its_own_folder_and_devices_only(context: RunContext) -> None:
    made = plan(context)
    assert (made.level, made.means, made.network) == (Level.STRICT, Means.MOUNTS, False)
    assert context.work / "0" in made.writable
    others = [path for path in made.writable if not path.is_relative_to("/dev")]
    assert others == [context.work / "0"]
    assert made.temporary == context.work / "0" / "tmp"


def test_plan_of_gives_private_views_of_home_program_data_and_links(context: RunContext) -> None:
    folder = context.folder.parent
    views = [view for view, _ in plan(context).private]
    names = ("data", "elsewhere/images", "home", "program")
    assert views == [folder / name for name in names]
    uppers = {upper for _, upper in plan(context).private}
    assert len(uppers) == len(views)
    assert {upper.parent for upper in uppers} == {context.work / "0" / "private"}


def test_plan_of_has_one_view_for_folders_within_one_another(context: RunContext) -> None:
    within = replace(context, data=context.folder.parent / "home" / ".cache")
    assert [view.name for view, _ in plan(within).private] == ["images", "home", "program"]


def test_view_folders_hold_those_of_caches_and_of_the_settings(context: RunContext) -> None:
    hub = context.folder.parent / "hub"
    hub.mkdir()
    policy = replace(STRICT, writable=(context.folder.parent / "campaign",))
    views = view_folders(replace(context, policy=policy), {"HF_HOME": str(hub), "HOME": ""})
    assert {hub, context.folder.parent / "campaign"} <= set(views)
    for home in ("/", "/nowhere", "relative", "/tmp", ""):
        assert Path(home) not in view_folders(context, {"HOME": home})


def test_plan_of_keeps_what_lies_in_the_systems_temporary_folder(context: RunContext) -> None:
    folder = context.folder.parent
    assert str(folder).startswith("/tmp/"), "pytest's own folder is meant to be there"
    (folder / "more.txt").write_text("")
    needed = plan(context, ["--data", str(folder / "more.txt"), "/tmp/nowhere", "/tmp"]).needed
    # The sources of trainwreck themselves may lie there.
    others = [path for path in needed if path != AGENT]
    assert others == [folder / "more.txt"], "views and the trial's folder are mounted anyway"


def test_plan_of_opens_the_network_for_the_first_clean_run_and_keeps_what_it_writes(
    context: RunContext,
) -> None:
    first = plan(context, is_fetching=True)
    assert (first.network, first.kept, first.layers) == (True, True, ())
    home = context.folder.parent / "home"
    layer = context.fetched / name_of_view(home)
    for view in (home, context.folder):
        (context.fetched / name_of_view(view)).mkdir(parents=True)
    later = plan(context)
    assert (later.network, later.kept) == (False, False)
    assert later.layers == ((home, layer),), "each run begins with the inputs of the first"


def test_set_inputs_apart_takes_inputs_out_of_the_view_of_the_home(context: RunContext) -> None:
    home, private = context.folder.parent / "home", context.work / "0" / "private"
    (home / "data").mkdir()
    within = replace(context, data=home / "data")
    for name in (".cache/index", "data/more"):
        path = private / name_of_view(home) / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("new")
    set_inputs_apart(within, private, {"HOME": str(home)})
    files = {path.relative_to(private) for path in private.rglob("*") if path.is_file()}
    assert files == {
        Path(name_of_view(home), ".cache/index"),
        Path(name_of_view(home / "data"), "more"),
    }


@pytest.mark.parametrize("level", [Level.COPY, Level.NONE])
def test_plan_of_other_levels_closes_nothing(context: RunContext, level: Level) -> None:
    assert plan(replace(context, policy=Policy(level))) == Containment(level, network=True)


def test_plan_of_landlock_has_no_views(context: RunContext) -> None:
    policy = replace(STRICT, means=Means.LANDLOCK, writable=(context.folder.parent / "data",))
    made = plan(replace(context, policy=policy))
    assert (made.means, made.private) == (Means.LANDLOCK, ())
    others = {Path("/dev/shm"), Path("/dev/null"), *policy.writable}
    assert {context.work / "0", *others} <= set(made.writable)


def test_services_are_hidden_with_the_network_closed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import socket

    monkeypatch.setattr("trainwreck.run.private_views.RUNTIME", tmp_path)
    for name in ("user", "mysqld", "nothing"):
        (tmp_path / name).mkdir()
    database = socket.socket(socket.AF_UNIX)
    database.bind(str(tmp_path / "mysqld" / "s"))
    docker = socket.socket(socket.AF_UNIX)
    docker.bind(str(tmp_path / "docker.sock"))
    always = {tmp_path / "user", tmp_path / "docker.sock"}
    assert set(services(is_online=True)) == always
    assert set(services(is_online=False)) == {*always, tmp_path / "mysqld" / "s"}
    database.close()
    docker.close()


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "user"
    for name in ("lock", "model.bin", "hub/refs"):
        path = home / ".cache" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (home / ".cache" / "model.bin").write_bytes(b"x" * (SMALL + 1))
    (home / "papers").mkdir()
    monkeypatch.setenv("HOME", str(home))
    return home


def test_link_into_home_copies_locks_and_links_the_rest(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    link_into_home(own)
    assert (own / "papers").is_symlink()
    assert (own / ".cache" / "model.bin").is_symlink()
    for name in ("lock", "hub/refs"):
        assert not (own / ".cache" / name).is_symlink()
        (own / ".cache" / name).write_text("changed")
        assert (home / ".cache" / name).read_text() == name


def test_copy_into_home_copies_what_is_below_it(home: Path, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    copy_into_home(own, [home / ".cache" / "hub", tmp_path / "own", home / ".cache" / "lock"])
    assert sorted(path.name for path in own.rglob("*")) == [".cache", "hub", "lock", "refs"]
    (own / ".cache" / "hub" / "refs").write_text("changed")
    assert (home / ".cache" / "hub" / "refs").read_text() == "hub/refs"
