"""Which files of a program and of its libraries are looked at."""

import os
from pathlib import Path

import pytest

from trainwreck.mutants.files import SourceFile, application_files, library_files
from trainwreck.store.campaign_file import CampaignFile, campaign_lock


def tree(folder: Path, *names: str) -> Path:
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("")
    return folder


def test_application_files_are_all_python_files_of_the_folder(tmp_path: Path) -> None:
    tree(tmp_path, "train.py", "models/cnn.py", "models/__init__.py", "notes.txt", "data/a.csv")
    files = application_files(tmp_path)
    assert [file.file for file in files] == ["models/__init__.py", "models/cnn.py", "train.py"]
    assert [file.module for file in files] == ["models", "models.cnn", "train"]
    assert {file.root for file in files} == {"app"}


@pytest.mark.parametrize(
    "name",
    [".hidden/a.py", ".a.py", "__pycache__/a.py", "venv/lib/a.py", "x/site-packages/a.py"],
)
def test_environments_caches_and_hidden_files_are_passed_over(tmp_path: Path, name: str) -> None:
    tree(tmp_path, "train.py", name)
    assert [file.file for file in application_files(tmp_path)] == ["train.py"]


def test_an_environment_of_any_name_is_passed_over(tmp_path: Path) -> None:
    tree(tmp_path, "train.py", "mine/pyvenv.cfg", "mine/lib/a.py")
    assert [file.file for file in application_files(tmp_path)] == ["train.py"]


def test_a_campaign_of_any_name_is_passed_over_and_a_file_named_like_its_own_is_not(
    tmp_path: Path,
) -> None:
    tree(tmp_path, "train.py", "mine/work/0/app/train.py", "data/read.py")
    with campaign_lock(tmp_path / "mine"), CampaignFile.open(tmp_path / "mine", create=True):
        pass
    (tmp_path / "data" / "campaign.sqlite").write_bytes(b"of the program")
    assert [file.file for file in application_files(tmp_path)] == ["data/read.py", "train.py"]


def test_linked_folders_are_not_entered(tmp_path: Path) -> None:
    tree(tmp_path, "train.py")
    (tmp_path / "loop").symlink_to(tmp_path)
    assert [file.file for file in application_files(tmp_path)] == ["train.py"]


def test_library_files_are_all_files_of_the_package(tmp_path: Path) -> None:
    tree(tmp_path, "keras/__init__.py", "keras/layers/core.py", "other/a.py")
    files = library_files("keras", tmp_path / "keras")
    assert [file.file for file in files] == ["keras/__init__.py", "keras/layers/core.py"]
    assert [file.module for file in files] == ["keras", "keras.layers.core"]
    assert {file.root for file in files} == {"keras"}


def test_library_files_of_a_sub_package_are_a_folder_or_a_file(tmp_path: Path) -> None:
    origin = tree(tmp_path, "torch/nn/a.py", "torch/optim.py", "torch/b.py") / "torch"
    assert [file.file for file in library_files("torch.nn", origin)] == ["torch/nn/a.py"]
    assert [file.file for file in library_files("torch.optim", origin)] == ["torch/optim.py"]
    assert [file.file for file in library_files("torch.nn.a", origin)] == ["torch/nn/a.py"]
    assert library_files("torch.none", origin) == []
    assert {file.root for file in library_files("torch.nn", origin)} == {"torch"}


def test_library_files_of_a_single_module_are_one_file(tmp_path: Path) -> None:
    origin = tree(tmp_path, "six.py") / "six.py"
    assert library_files("six", origin) == [SourceFile("six", "six.py", origin)]


def test_application_files_are_those_that_can_be_read_and_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [b"train.py", b"a[0]*.py", b"\x1b\n.py", b"caf\xe9.py", b"secret.py", b"private/a.py"]
    for name in names:
        path = tmp_path / os.fsdecode(name)
        path.parent.mkdir(exist_ok=True)
        path.write_text("x = 1\n")
    (tmp_path / "loop.py").symlink_to("loop.py")
    os.mkfifo(tmp_path / "pipe.py")
    refused = {tmp_path / "secret.py", tmp_path / "private"}
    monkeypatch.setattr(os, "access", lambda path, _mode: path not in refused)
    files = [file.file for file in application_files(tmp_path)]
    assert files == ["\x1b\n.py", "a[0]*.py", "train.py"]
