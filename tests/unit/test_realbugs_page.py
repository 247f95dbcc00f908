"""The settings of studies/realbugs: each bug is described, and environments are shared."""

from pathlib import Path

import pytest

from trainwreck.subject.settings_file import FILE_NAME, load_settings

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "studies" / "realbugs"
PROGRAMS = sorted(path.parent for path in FOLDER.glob(f"*/{FILE_NAME}"))


@pytest.mark.parametrize("program", PROGRAMS, ids=lambda path: path.name)
def test_realbugs_name_each_bug_with_a_link_and_one_edit(program: Path) -> None:
    settings = load_settings(program / FILE_NAME, "tiny")
    assert settings.subject.name == f"realbugs-{program.name}"
    assert settings.trials.seeds == 1
    assert settings.bugs
    for bug in settings.bugs:
        assert bug.name
        assert bug.link.startswith("https://github.com/")
        assert len(bug.edits) == 1


def test_realbugs_are_described_once() -> None:
    bugs = [bug for program in PROGRAMS for bug in load_settings(program / FILE_NAME).bugs]
    assert len({bug.name for bug in bugs}) == len(bugs)
    assert len({bug.link for bug in bugs}) == len(bugs)


@pytest.mark.parametrize("name", ["requirements-jax.txt", "requirements-torch.txt"])
def test_realbugs_need_no_environment_that_the_examples_do_not_make(name: str) -> None:
    assert (FOLDER / name).read_text() == (ROOT / "examples" / name).read_text()
