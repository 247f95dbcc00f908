"""Programs that read their own source or the defaults of their functions are noticed."""

import json
import os
import subprocess
from pathlib import Path

import pytest
from test_agent import PYTHONS, VERSIONS

from build import mutants_of, source_of
from guest import AGENT
from trainwreck.mutants.instrument import probe_text

TEXT = """\
def f(a, p=7, *, q=8): return p
class C:
    def __init__(self, p=9): pass
def g(a, r=5):
    return a in (-1,) or a in (999_999,) or a in (0.5,)
"""
LAST_PROBED = 4
SCRIPT = """
import builtins, inspect, json, linecache, os, pathlib, shutil, sys, traceback, warnings
agent, path, text, groups, deeds = json.load(sys.stdin)
sys.path.insert(0, agent)
from trainwreck_agent.planting.insert import insert_calls
from trainwreck_agent.probes.probe import Probes
from trainwreck_agent.probes.readers import watch_readers
class Overlay: reading = False
probes = Probes(groups)
for name, function in probes.builtins().items(): setattr(builtins, name, function)
watch_readers(probes, frozenset([os.path.realpath(path)]), Overlay)
exec(compile(insert_calls(text.encode(), path, [], None), path, "exec"))
for deed in deeds:
    probes.restart()
    exec(deed)
    lines = sorted(line for _, line in probes.lines)
    print(json.dumps([sorted(probes.introspected), sorted(probes.read), lines]))
"""
F, C, G = [70, 71], [72], [73]
DEFAULTS = {
    "inspect.signature(f)": F,
    "inspect.getfullargspec(f)": F,
    "inspect.signature(C)": C,
    "inspect.signature(g)": G,
    "inspect.signature(f).bind(1).apply_defaults()": F,
}
ATTRIBUTES = {
    "f.__defaults__": F,
    "getattr(f, '__kwdefaults__')": F,
    "inspect.getmembers(f)": F,
    "C.__init__.__defaults__": C,
}
SOURCES = ["inspect.getsource(f)", "linecache.getlines(path)"]
LINES = {
    "linecache.getline(path, 3)": [3],
    "linecache.checkcache(path); linecache.getline(path, 2, globals())": [2],
    "traceback.format_list([(path, 1, 'f', None)])": [1],
    "warnings.formatwarning('w', UserWarning, path, 2)": [2],
}
OPENED = [
    "open(path).close()",
    "open(path.encode()).close()",
    "pathlib.Path(path).read_text()",
    "os.close(os.open(pathlib.Path(path), 0))",
    "shutil.copy(path, path + 'x')",
]
NOTHING = ["f(1, p=2), C(3)", "f(1)", "open(path + 'y', 'w').close()", "f.__code__, f.__name__"]


def noted(
    python: str, folder: Path, deeds: list[str]
) -> list[tuple[list[int], list[str], list[int]]]:
    """For each deed, the groups whose defaults were read, the files that were, and the lines."""
    path = folder / "a.py"
    path.write_text(TEXT)
    mutants = [each for each in mutants_of(TEXT, "NVR") if each.span.line <= LAST_PROBED]
    probed = probe_text(source_of(TEXT), mutants, (3, 6), 70)
    groups = [{"kind": "seen"}] * 70 + list(probed.groups)
    told = subprocess.run(
        [python, "-c", SCRIPT],
        input=json.dumps([str(AGENT), str(path), probed.text, groups, deeds]),
        capture_output=True, text=True, timeout=60, check=True,
    )  # fmt: skip
    return [tuple(json.loads(line)) for line in told.stdout.splitlines()]


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    found: str = request.param
    return found


def test_who_reads_defaults_is_noted_and_whose(version: str, tmp_path: Path) -> None:
    # Python 3.6 and 3.7 do not tell who reads an attribute.
    deeds = DEFAULTS if version in ("3.6", "3.7") else DEFAULTS | ATTRIBUTES
    found = noted(PYTHONS[version], tmp_path, list(deeds))
    assert [groups for groups, *_ in found] == list(deeds.values())


def test_who_reads_the_source_is_noted(version: str, tmp_path: Path) -> None:
    deeds = SOURCES if version in ("3.6", "3.7") else SOURCES + OPENED
    found = noted(PYTHONS[version], tmp_path, deeds)
    assert [read for _, read, _ in found] == [[os.path.realpath(tmp_path / "a.py")]] * len(deeds)


def test_who_reads_neither_is_not_noted(version: str, tmp_path: Path) -> None:
    assert noted(PYTHONS[version], tmp_path, NOTHING) == [([], [], [])] * len(NOTHING)


def test_who_reads_one_line_reads_no_more_than_that(version: str, tmp_path: Path) -> None:
    found = noted(PYTHONS[version], tmp_path, list(LINES))
    assert found == [([], [], lines) for lines in LINES.values()]
