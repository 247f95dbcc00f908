"""A program finds its modules in its copy, where an editable installation names its folder."""

import os
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest
from test_agent import PYTHONS, VERSIONS

from guest import AGENT, agent_module
from stems import Subject

PROGRAM = """\
import inner
print(inner.__file__)
"""


@pytest.mark.parametrize("version", [v for v in VERSIONS if v in PYTHONS])
def test_a_path_into_the_folder_leads_to_its_copy(version: str, tmp_path: Path) -> None:
    python, original = PYTHONS[version], tmp_path / "original"
    (original / "src").mkdir(parents=True)
    (original / "src" / "inner.py").write_text("x = 1 + 2\n")
    files = {"program.py": PROGRAM, "src/inner.py": ""}
    subject = Subject(python, tmp_path / "trial", files)
    subject.order["copied"] = [str(original), str(subject.app)]
    order = subject.write_cold_order("cold", None)
    environment = {**os.environ, "TRAINWRECK_ORDER": str(order)}
    environment["PYTHONPATH"] = os.pathsep.join([str(AGENT), str(original / "src")])
    command = [python, "program.py"]
    printed = subprocess.check_output(command, cwd=subject.app, env=environment, text=True)
    assert printed == f"{subject.app / 'src' / 'inner.py'}\n"


def test_tables_of_finders_lead_to_the_copy_and_environments_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    original, copy = tmp_path / "original", tmp_path / "copy"
    inner = ("flat", ".venv/lib/site-packages/other", "gone")
    for folder in (original, copy):
        for name in inner[:2]:
            (folder / name).mkdir(parents=True)
    (tmp_path / "link").symlink_to(original)
    outside = str(tmp_path)
    finder = ModuleType("editable_finder")
    finder.MAPPING = {"flat": str(tmp_path / "link" / "flat"), "outside": outside}  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "editable_finder", finder)
    of_finder = type("Finder", (), {"__module__": "editable_finder"})
    monkeypatch.setattr(sys, "meta_path", [*sys.meta_path, of_finder])
    monkeypatch.setattr(sys, "path", ["", "zip", *(str(original / name) for name in inner)])
    agent_module("copied").search_copy(str(original), str(copy))
    table = vars(finder)["MAPPING"]
    assert table == {"flat": str(copy / "flat"), "outside": outside}
    left = [str(original / name) for name in inner[1:]]
    assert sys.path == ["", "zip", str(copy / "flat"), *left]
