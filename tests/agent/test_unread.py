"""Whatever reads a name of a module is noticed, and the module stays as it is, on every Python."""

import json
import subprocess
from pathlib import Path

from test_agent import python as python

from build import mutants_of, source_of
from guest import AGENT
from trainwreck.mutants.instrument import probe_text

TEXT = """\
RATE = 3
TABLE = {"a": [1, 2]}
NEVER = (5, True)
def rate():
    return RATE
"""
SCRIPT = """
import builtins, copy, json, pickle, sys
agent, folder, groups, deeds = json.load(sys.stdin)
sys.path[:0] = [agent, folder]
from trainwreck_agent.probes.probe import Probes
for deed in deeds:
    probes = Probes(groups)
    for name, function in probes.builtins().items(): setattr(builtins, name, function)
    for name in ("constants", "c"): sys.modules.pop(name, None)
    space = {"folder": folder, "copy": copy, "pickle": pickle, "sys": sys}
    exec(deed, space)
    print(json.dumps(sorted(set(key.split()[0] for key in probes._differing))))
"""
IMPORT = "import constants; "
READ = {
    "constants.rate()": ["RATE"],
    "constants.RATE": ["RATE"],
    "from constants import TABLE, rate": ["TABLE"],
    "getattr(constants, 'R' + 'ATE')": ["RATE"],
    "hasattr(constants, 'RATE')": ["RATE"],
    "from operator import attrgetter; attrgetter('TABLE')(constants)": ["TABLE"],
    "from unittest import mock; mock.patch('constants.RATE', 4).start()": [
        "NEVER",
        "RATE",
        "TABLE",
    ],
    "from constants import *": ["NEVER", "RATE", "TABLE"],
    "vars(constants)": ["NEVER", "RATE", "TABLE"],
    "dir(constants)": ["NEVER", "RATE", "TABLE"],
    "constants.__dict__['X'] = 1": ["NEVER", "RATE", "TABLE"],
    "import inspect; inspect.getmembers(constants)": ["NEVER", "RATE", "TABLE"],
    "import types; constants.__class__ = types.ModuleType": ["NEVER", "RATE", "TABLE"],
    "import importlib; importlib.reload(constants)": ["NEVER", "RATE", "TABLE"],
    "constants.rate(); constants.RATE; constants.TABLE": ["RATE", "TABLE"],
}
UNREAD = [
    "constants.rate, constants.__name__, repr(constants)",
    "constants.RATE = 7",
    "constants.other = 7; constants.other",
    "from constants import rate",
    "import types; assert isinstance(constants, types.ModuleType)",
    "assert type(constants).__name__ == 'module' and 'constants.py' in repr(constants)",
    "assert not hasattr(constants, 'missing')",
    "assert copy.copy(constants) is pickle.loads(pickle.dumps(constants)) is constants",
    "import inspect; assert inspect.ismodule(constants)",
    "import sys; assert sys.modules['constants'] is constants",
]
UNWATCHED = [
    "import runpy; runpy.run_path(folder + '/constants.py')",
    "import runpy; runpy.run_path(folder + '/constants.py', run_name='__main__')",
    "exec(open(folder + '/constants.py').read(), {'__name__': 'constants'})",
    "exec(open(folder + '/constants.py').read(), {})",
    "import importlib.util as u; s = u.spec_from_file_location('c', folder + '/constants.py'); "
    "m = u.module_from_spec(s); s.loader.exec_module(m)",
    "import importlib.util as u; s = u.spec_from_file_location('c', folder + '/constants.py'); "
    "m = sys.modules['c'] = u.module_from_spec(s); s.loader.exec_module(m)",
    "import importlib.util as u; s = u.find_spec('constants'); l = u.LazyLoader(s.loader); "
    "s.loader = l; m = sys.modules['constants'] = u.module_from_spec(s); "
    "l.exec_module(m); m.rate",
]


def read_names(python: str, folder: Path, deeds: list[str]) -> list[list[str]]:
    """For each deed, the names of the constants that count as read after it."""
    probed = probe_text(source_of(TEXT), mutants_of(TEXT), (3, 6), 0)
    (folder / "constants.py").write_text(probed.text)
    groups = [
        {**group, "mutants": {f"{name} {key}": [name] for key, (name,) in group["mutants"].items()}}
        if group["kind"] == "unread"
        else group
        for group in probed.groups
    ]
    ran = subprocess.run(
        [python, "-c", SCRIPT],
        input=json.dumps([str(AGENT), str(folder), groups, deeds]),
        capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    return [json.loads(line) for line in ran.stdout.splitlines()]


def test_a_reading_of_a_name_of_a_module_is_noted(python: str, tmp_path: Path) -> None:
    found = read_names(python, tmp_path, [IMPORT + deed for deed in READ])
    assert dict(zip(READ, found, strict=True)) == READ


def test_what_reads_no_constant_of_a_module_notes_none(python: str, tmp_path: Path) -> None:
    found = read_names(python, tmp_path, [IMPORT + deed for deed in UNREAD])
    assert dict(zip(UNREAD, found, strict=True)) == {deed: [] for deed in UNREAD}


def test_constants_of_a_namespace_that_cannot_be_watched_count_as_read(
    python: str, tmp_path: Path
) -> None:
    found = read_names(python, tmp_path, UNWATCHED)
    every = ["NEVER", "RATE", "TABLE"]
    assert dict(zip(UNWATCHED, found, strict=True)) == dict.fromkeys(UNWATCHED, every)


def test_the_code_of_a_function_names_the_globals_that_go_with_it_since_python_3_8(
    python: str, tmp_path: Path
) -> None:
    watch = (
        "from trainwreck_agent.probes.readers import watch_readers; "
        "watch_readers(__trainwreck_read__.__self__, frozenset(), type('O', (), {'reading': 1})); "
    )
    (names,) = read_names(python, tmp_path, [watch + IMPORT + "constants.rate.__code__"])
    announced = ["NEVER", "RATE", "TABLE"]
    version = subprocess.check_output(
        [python, "-c", "import sys; print(sys.version_info >= (3, 8))"]
    )
    assert names == (announced if version.strip() == b"True" else [])
