"""A process that the agent takes over is, for its program, the one that Python would start."""

import json
import os
import re
import subprocess
import zipfile
from pathlib import Path

import pytest
from test_agent import PYTHONS, VERSIONS
from test_guest import LAUNCHER, entry, write_order

from guest import AGENT, agent_module
from trainwreck.subject.commands import divide_command

PROGRAM = """
'''The text of the program.'''
import sys, os, runpy
import mod
here = [path for path in sys.path if path in ('', 'sub') or path.startswith(os.getcwd())]
print(sys.argv, here, mod.__name__)
print(__name__, __spec__, __package__, os.path.basename(__file__), __doc__)
print(len(sys.path_hooks), sys.flags.optimize, sys.stdin.readline(), sys.warnoptions)
print(runpy._run_module_as_main.__code__.co_filename == runpy.__file__)
print('cached', [path for path in sys.path_importer_cache if path.endswith('.py')])
if len(sys.argv) > 1:
    exec(sys.argv[1])
"""
COMMANDS = [
    ["sub/prog.py"],
    ["-u", "-O", "-X", "utf8", "-W", "ignore", "sub/prog.py", "raise SystemExit(5)"],
    ["-uB", "sub/prog.py", "{}['x']"],
    ["sub/prog.py", "raise ValueError('a') from KeyError('b')"],
    ["sub/prog.py", "os.kill(os.getpid(), 2)"],
    ["sub/missing.py"],
    ["sub"],
    ["app.zip", "sys.exit('text')"],
    ["-m", "sub.prog"],
    ["-c", "import sys; print(sys.argv, sys.path_hooks)"],
    ["-"],
    ["-I", "sub/prog.py"],
    ["-P", "sub/prog.py"],
]


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


def ended(python: str, command: list[str], folder: Path, **env: str) -> tuple[int, str, str]:
    """Run a command; paths in what it prints are made relative, and addresses are left out."""
    plain = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, *command],
        cwd=folder,
        env={**plain, "PYTHONDONTWRITEBYTECODE": "1", **env},
        input="hello\n",
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    texts = [re.sub(r"0x\w+", "0x", text) for text in (done.stdout, done.stderr)]
    # Python 3.6 to 3.8 show the path of the command line, and the agent shows the whole one.
    texts = [text.replace(f"{folder}/sub/prog.py", "sub/prog.py") for text in texts]
    return done.returncode, texts[0], texts[1]


def write_programs(folder: Path) -> None:
    (folder / "sub").mkdir()
    (folder / "mod.py").write_text("")
    for name, text in (("prog.py", PROGRAM), ("__main__.py", PROGRAM), ("mod.py", "")):
        (folder / "sub" / name).write_text(text)
    with zipfile.ZipFile(folder / "app.zip", "w") as archive:
        archive.writestr("__main__.py", PROGRAM)
        archive.writestr("mod.py", "")


def test_a_program_sees_the_same_with_the_agent(python: str, tmp_path: Path) -> None:
    write_programs(tmp_path)
    order = str(write_order(tmp_path, digest=True))
    for command in COMMANDS:
        bare = ended(python, command, tmp_path)
        assert (
            ended(python, command, tmp_path, TRAINWRECK_ORDER=order, PYTHONPATH=str(AGENT)) == bare
        ), command
    failures = [
        json.loads(line)["type"]
        for path in (tmp_path / "events").glob("events-*.jsonl")
        for line in path.read_text().splitlines()
        if '"event": "failure"' in line
    ]
    assert {"SystemExit", "KeyError", "ValueError", "KeyboardInterrupt"} <= set(failures)


LAUNCHED = [
    ["sub/prog.py"],
    ["-u", "-O", "-X", "utf8", "-W", "ignore", "sub/prog.py", "raise SystemExit(5)"],
    ["-uB", "sub/prog.py", "{}['x']"],
    ["sub", "raise ValueError('a') from KeyError('b')"],
    ["sub/", "x"],
    ["./sub"],
    ["app.zip", "sys.exit('text')"],
    ["-m", "sub.prog", "a"],
    ["-W", "error", "-um", "sub"],
    ["-c", "import sys, mod; print(sys.argv, sys.path[0], mod, __name__, __spec__)", "-x"],
    ["-Oc", "assert False\nimport os; print(dir(), __loader__); {}['x']"],
    ["-c", "print(1"],
    ["-P", "sub/prog.py"],
    ["-P", "sub"],
    ["-P", "-c", "import sys; print(sys.path)"],
]


@pytest.mark.parametrize("command", LAUNCHED, ids=" ".join)
def test_a_program_sees_the_same_with_the_launcher(
    python: str, tmp_path: Path, command: list[str]
) -> None:
    write_programs(tmp_path)
    order = str(write_order(tmp_path, digest=True))
    options, program = divide_command(command)
    launched = [*options, str(LAUNCHER), *program]
    with_agent = {"TRAINWRECK_ORDER": order, "PYTHONPATH": str(AGENT)}
    code, out, error = ended(python, launched, tmp_path, **with_agent)
    own = re.sub(r"cached .*", "", out)  # The interpreter has looked at another file.
    bare, out, bare_error = ended(python, command, tmp_path)
    assert (code, own, error) == (bare, re.sub(r"cached .*", "", out), bare_error)


@pytest.mark.parametrize(
    ("command", "file"),
    [
        (["-u", "-W", "error", "-O", "sub/prog.py"], "sub/prog.py"),
        (["-u", "sub"], "sub/__main__.py"),
        (["-X", "dev", "-m", "sub"], "sub/__main__.py"),
        (["-um", "sub.prog"], "sub/prog.py"),
        (["-c", "import mod"], "mod.py"),
        (["app.zip"], "mylib.py"),
    ],
)
def test_a_bug_is_planted_in_the_file_that_the_command_runs(
    python: str, tmp_path: Path, command: list[str], file: str
) -> None:
    write_programs(tmp_path)
    with zipfile.ZipFile(tmp_path / "app.zip", "w") as archive:
        archive.writestr("__main__.py", "import mylib")
    path, code = tmp_path / file, tmp_path / "code.py"
    path.write_text("print(1)\n")
    code.write_text("print(__trainwreck_hit__() and 2)\n")
    order = write_order(tmp_path, files=[entry(path, code=str(code), mutated=True)])
    options, program = divide_command(command)
    paths = os.pathsep.join([str(AGENT), str(tmp_path)])
    variables = {"TRAINWRECK_ORDER": str(order), "PYTHONPATH": paths}
    ended_by = ended(python, [*options, str(LAUNCHER), *program], tmp_path, **variables)
    assert ended_by == (0, "2\n", "")
    events = [
        json.loads(line)
        for events in (tmp_path / "events").glob("events-*.jsonl")
        for line in events.read_text().splitlines()
    ]
    assert [Path(e["path"]) for e in events if e["event"] == "planted"] == [path.resolve()]
    assert [e["hits"] for e in events if e["event"] == "end"] == [1]


@pytest.mark.parametrize(
    ("words", "entry"),
    [
        (["train.py", "-m", "x"], ("file", "train.py")),
        (["-um", "pkg.train", "a"], ("module", "pkg.train")),
        (["-Impkg"], ("module", "pkg")),
        (["-W", "error", "-Xdev", "-OO", "a/b.py"], ("file", "a/b.py")),
        (["-Werror", "--check-hash-based-pycs", "always", "a.py"], ("file", "a.py")),
        (["-c", "print(1)", "a.py"], ("code", "print(1)")),
        (["-"], ("input", "")),
        (["-i"], ("input", "")),
        ([], ("input", "")),
    ],
)
def test_the_entry_of_a_command_line(words: list[str], entry: tuple[str, str]) -> None:
    assert agent_module("command_line").entry_of(words) == entry


@pytest.mark.parametrize(
    ("environment", "rank"),
    [
        ({}, None),
        ({"RANK": "3", "LOCAL_RANK": "1"}, 3),
        ({"PMI_RANK": "0"}, 0),
        ({"RANK": ""}, None),
    ],
)
def test_the_rank_is_what_a_launcher_says(environment: dict[str, str], rank: int | None) -> None:
    assert agent_module("command_line").rank_of(environment) == rank
