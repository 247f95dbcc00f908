"""The first model and the begin of training, as the agent notes them: landmarks.py."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stand_ins import agent, stand_in


@pytest.fixture(autouse=True)
def no_real_framework(monkeypatch: pytest.MonkeyPatch) -> None:
    stand_in(monkeypatch)


class Noted:
    """A guest that keeps what it is given."""

    def __init__(self, folder: Path) -> None:
        self.order = {"events": str(folder / "events")}
        self.digest, self.work = agent("digest").Digest(), agent("work").Work()
        self.phases: list[str] = []
        self.observed: list[Any] = []
        self.events = SimpleNamespace(write=lambda _, **fields: self.observed.append(fields))

    def enter_phase(self, name: str) -> None:
        self.phases.append(name)


PROGRAM = """\
def build(digest):
    digest.remember("model", list)

def main(digest, work):
    build(digest)
    for step in range(3):
        work.count("steps")

main(digest, work)
"""


def run_program(noted: Noted, folder: Path, text: str = PROGRAM) -> list[Any]:
    """Run a program that lies in the working copy; return the last observation."""
    agent("landmarks").Landmarks(noted)
    names = {"digest": noted.digest, "work": noted.work}
    exec(compile(text, str(folder / "app" / "train.py"), "exec"), names)
    return list(noted.observed[-1]["value"]) if noted.observed else []


def test_landmarks_have_the_lines_of_the_program_that_led_there(tmp_path: Path) -> None:
    noted = Noted(tmp_path)
    (_, model), (_, training) = run_program(noted, tmp_path)
    assert noted.phases == ["model", "training"]
    assert [frame[1:] for frame in model] == [[9, "<module>", 1], [5, "main", 4], [2, "build", 1]]
    assert [frame[1:] for frame in training] == [[9, "<module>", 1], [7, "main", 4]]
    assert noted.work.read() == {"steps": 3}
    assert not noted.digest.is_empty


def test_generated_code_is_no_line_of_the_program(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "app").mkdir()
    monkeypatch.chdir(tmp_path / "app")
    noted = Noted(tmp_path)
    text = "exec(compile('work.count(1)', '<string>', 'exec'))"
    ((_, frames),) = run_program(noted, tmp_path, text)
    assert [Path(frame[0]).name for frame in frames] == ["train.py"]


@pytest.mark.parametrize("text", ["work.count('a')\ndigest.remember(1, list)", "work.count('a')"])
def test_no_landmark_comes_after_training(tmp_path: Path, text: str) -> None:
    noted = Noted(tmp_path)
    assert [name for name, _ in run_program(noted, tmp_path, text)] == ["training"]
    assert noted.phases == ["training"]
