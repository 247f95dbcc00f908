"""The agent driven by order files, as PROTOCOL.md describes them, on every Python."""

import hashlib
import json
import os
import signal
import subprocess
import textwrap
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from test_agent import PYTHONS, VERSIONS

from build import mutants_of, source_of
from guest import AGENT, TESTS
from trainwreck.mutants.instrument import probe_text

REFUSED = 86
LAUNCHER = AGENT / "trainwreck_agent" / "scripts" / "launch.py"
FRAMEWORKS = TESTS / "zoo_rules" / "frameworks"
MODEL = """
import numpy
from theano.compile.sharedvalue import SharedVariable
weight = SharedVariable(numpy.ndarray([3.0]))
print("loss: 1.5", flush=True)
weight.set_value(numpy.ndarray([4.0]))
print("loss: 0.5", flush=True)
"""


@pytest.fixture(params=VERSIONS)
def python(request: pytest.FixtureRequest) -> str:
    if request.param not in PYTHONS:
        pytest.skip(f"Python {request.param} is not on this machine")
    return PYTHONS[request.param]


@dataclass(frozen=True)
class Ended:
    """A program that ran with the agent: its exit status, its output, and all events."""

    code: int
    output: str
    events: list[dict[str, Any]]
    folder: Path

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]

    def records(self, pattern: str) -> list[Any]:
        return [json.loads(path.read_text()) for path in sorted(self.folder.glob(pattern))]


def write_order(folder: Path, **changes: Any) -> Path:
    """Write an order file that asks for nothing, or for the changes."""
    events = folder / "events"
    events.mkdir(exist_ok=True)
    order = {
        "protocol": 3, "events": str(events), "seed": 1, "threads": 1, "cpus": None, "files": [],
        "coverage": None, "digest": False, "metrics": [], "probes": None, "horizon": None,
    }  # fmt: skip
    path = folder / "order.json"
    path.write_text(json.dumps({**order, **changes}))
    return path


def start(
    python: str, folder: Path, text: str, order: Path, extra: str = ""
) -> "subprocess.Popen[str]":
    program = folder / "program.py"
    program.write_text(textwrap.dedent(text))
    paths = [str(AGENT), str(FRAMEWORKS), extra]
    return subprocess.Popen(
        [python, str(LAUNCHER), str(program)],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        cwd=folder,
        env={
            **os.environ,
            "TRAINWRECK_ORDER": str(order),
            "PYTHONPATH": os.pathsep.join(path for path in paths if path),
            "PYTHONDONTWRITEBYTECODE": "1",
        },
    )


def ended(process: "subprocess.Popen[str]", folder: Path) -> Ended:
    output, _ = process.communicate(timeout=600)
    events = [
        json.loads(line)
        for path in sorted((folder / "events").glob("events-*.jsonl"))
        for line in path.read_text().splitlines()
    ]
    return Ended(process.returncode, output, events, folder / "events")


def run(python: str, folder: Path, text: str, extra: str = "", **changes: Any) -> Ended:
    """Run a program by an order with these changes."""
    return ended(start(python, folder, text, write_order(folder, **changes), extra), folder)


def entry(path: Path, **changes: Any) -> dict[str, Any]:
    """An entry of the order's files that plants nothing, or the changes."""
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    plain = {
        "path": str(path.resolve()), "sha256": sha256, "code": str(path), "shown": str(path),
        "mutated": False, "count_line": None, "counted": [], "phases": [],
    }  # fmt: skip
    return {**plain, **changes}


# Refusals


def test_another_protocol_ends_the_process(python: str, tmp_path: Path) -> None:
    refused = run(python, tmp_path, "print('ran')", protocol=2)
    assert (refused.code, refused.output) == (REFUSED, "")
    assert refused.of("refused")[0]["reason"] == "protocol 2 is not 3"


def test_without_its_order_file_the_launcher_runs_nothing(python: str, tmp_path: Path) -> None:
    process = start(python, tmp_path, "print('ran')", tmp_path / "gone.json")
    refused = ended(process, tmp_path)
    assert (refused.code, refused.output, refused.events) == (REFUSED, "", [])


def test_probes_that_do_not_start_end_the_process(python: str, tmp_path: Path) -> None:
    refused = run(python, tmp_path, "print('ran')", probes=[{"mutants": 1}])
    assert (refused.code, refused.output) == (REFUSED, "")
    assert refused.of("refused")[0]["reason"].startswith("the probes do not start: TypeError: ")


@pytest.mark.parametrize(
    ("code", "sha256", "reason"),
    [
        ("x = 1", "0" * 64, "the file is not the one that the mutant was made for"),
        ("x = (", None, "SyntaxError: "),
        (None, None, "FileNotFoundError: "),
    ],
)
def test_a_file_that_cannot_be_planted_ends_the_process(
    python: str, tmp_path: Path, code: "str | None", sha256: "str | None", reason: str
) -> None:
    module, planted = tmp_path / "module.py", tmp_path / "code.py"
    module.write_text("x = 0\n")
    if code is not None:
        planted.write_text(code)
    file = entry(module, code=str(planted), mutated=True, **({"sha256": sha256} if sha256 else {}))
    refused = run(python, tmp_path, "import module\nprint('ran')", str(tmp_path), files=[file])
    assert (refused.code, refused.output) == (REFUSED, "")
    assert refused.of("refused")[0]["reason"].startswith(reason)


# Planting


def test_a_planted_file_is_compiled_wherever_its_code_is_asked_for(
    python: str, tmp_path: Path
) -> None:
    module, planted = tmp_path / "module.py", tmp_path / "code.py"
    module.write_text("x = 1\nprint('x', x)\n")
    planted.write_text("x = 2\nprint('x', __trainwreck_hit__() and x)\n")
    other = tmp_path / "other.py"
    other.write_text("print('other')\n")
    text = f"""
    import linecache, runpy, module
    runpy.run_path({str(module)!r})
    runpy.run_path({str(other)!r})
    print(linecache.getline({str(module)!r}, 1).strip())
    """
    done = run(
        python,
        tmp_path,
        text,
        str(tmp_path),
        files=[entry(module, code=str(planted), shown=str(planted), mutated=True)],
    )
    assert (done.code, done.output) == (0, "x 2\nx 2\nother\nx = 2\n")
    assert [event["module"] for event in done.of("planted")] == ["module", "__main__"]
    assert done.of("end")[0]["hits"] == 2


# Frameworks


def test_numpy_is_seeded_when_its_generators_are_imported(python: str, tmp_path: Path) -> None:
    (tmp_path / "numpy").mkdir()
    (tmp_path / "numpy" / "__init__.py").write_text("print('numpy')\n")
    (tmp_path / "numpy" / "random.py").write_text(
        "seed = print\nget_state = lambda: ('state', 1)\n"
    )
    text = """
    import numpy
    print("imported")
    import numpy.random
    print(type(numpy.random.__loader__).__name__, type(numpy.random.__spec__.loader).__name__)
    """
    done = run(python, tmp_path, text, seed=7)
    # The program's folder is searched first, as without the agent.
    loader = "SourceFileLoader SourceFileLoader"
    assert done.output.split("\n") == ["numpy", "imported", "7", loader, ""]


def test_tensorflow_gets_its_threads_after_its_import_and_an_old_one_has_no_settings(
    python: str, tmp_path: Path
) -> None:
    (tmp_path / "tensorflow.py").write_text(
        "class config:\n"
        "    class threading:\n"
        "        set_intra_op_parallelism_threads = set_inter_op_parallelism_threads = print\n"
        "print('tensorflow')\n"
    )
    assert run(python, tmp_path, "import tensorflow", threads=3).output == "tensorflow\n3\n3\n"
    (tmp_path / "tensorflow.py").write_text("print('old')\n")
    done = run(python, tmp_path, "import tensorflow", threads=3)
    assert (done.output, done.of("trouble")) == ("old\n", [])


def test_a_handler_that_fails_is_reported_and_the_import_succeeds(
    python: str, tmp_path: Path
) -> None:
    (tmp_path / "torch.py").write_text("name = 'no random'\n")
    done = run(python, tmp_path, "import torch\nprint(torch.name)")
    assert (done.code, done.output) == (0, "no random\n")
    assert done.of("trouble")[0]["what"].startswith("after import of torch: AttributeError: ")


def test_a_framework_that_is_missing_is_missing_with_the_agent_too(
    python: str, tmp_path: Path
) -> None:
    text = """
    try:
        import tensorflow
    except ImportError as error:
        print(error)
    """
    assert run(python, tmp_path, text).output == "No module named 'tensorflow'\n"


# Reports, digests and the end at a horizon


LOSS = [["loss", r"loss: (\S+)"]]


def test_a_checkpoint_is_taken_at_the_first_report_only(python: str, tmp_path: Path) -> None:
    done = run(python, tmp_path, MODEL, metrics=LOSS, digest=True)
    first, second = done.of("report")
    assert (first["metrics"], second["metrics"]) == (["loss"], ["loss"])
    assert len(first["checkpoint"]) == 64
    assert second["checkpoint"] is None
    (digest,) = done.of("digest")
    assert (digest["models"], digest["unread"], len(digest["parameters"])) == (1, [], 64)


@pytest.mark.parametrize(
    ("hits", "is_same", "output"),
    [
        (0, True, "loss: 1.5\n"),
        (0, False, "loss: 1.5\nloss: 0.5\n"),
        (1, True, "loss: 1.5\nloss: 0.5\n"),
    ],
)
def test_a_run_ends_at_the_horizon_with_the_state_of_a_clean_one(
    python: str, tmp_path: Path, hits: int, is_same: bool, output: str
) -> None:
    clean = run(python, tmp_path, MODEL, metrics=LOSS, digest=True)
    (first, _), folder = clean.of("report"), tmp_path / "second"
    folder.mkdir()
    checkpoints = [first["checkpoint"] if is_same else "another"]
    horizon = {"hits": hits, "checkpoints": checkpoints, "rule": "together"}
    done = run(python, folder, MODEL, metrics=LOSS, digest=True, horizon=horizon)
    is_ended = output == "loss: 1.5\n"
    assert (done.code, done.output) == (0, output)
    assert [event["rule"] for event in done.of("settled")] == ["together"] * is_ended
    assert len(done.of("digest")) == (0 if is_ended else 1)


def test_reports_beyond_the_limit_are_not_recorded(python: str, tmp_path: Path) -> None:
    text = "for _ in range(1010): print('loss: 1')"
    assert len(run(python, tmp_path, text, metrics=LOSS).of("report")) == 1000


def test_lines_without_a_number_are_no_reports(python: str, tmp_path: Path) -> None:
    text = """
    import sys
    print('loss: none')
    sys.stdout.write('loss: ')
    sys.stdout.write('1.5\\rloss: 2.5\\r')
    print('loss: 3.5', file=sys.stderr)
    """
    assert len(run(python, tmp_path, text, metrics=LOSS).of("report")) == 3


def test_a_report_comes_with_the_line_that_completes_a_match_over_lines(
    python: str, tmp_path: Path
) -> None:
    text = """
    import sys
    print('Evaluation:')
    print('step 1, loss tensor(0.5,', flush=True)
    sys.stderr.write('\\x1b[1mEvaluation:\\x1b[0m')
    sys.stderr.write('\\r\\n')
    print('loss 1,234.5, more')
    print('loss 3')
    """
    over_lines = [["loss", r"Evaluation:\s+.*loss (\S+)", True, None]]
    assert len(run(python, tmp_path, text, metrics=over_lines).of("report")) == 2


def test_a_report_comes_from_the_stream_that_a_metric_names(python: str, tmp_path: Path) -> None:
    text = """
    import sys
    sys.stdout.write('half a line, ')
    print('loss: 1', file=sys.stderr)
    print('loss: 2')
    print('acc: 3')
    """
    metrics = [["loss", r"^loss: (\S+)", False, "stderr"], ["acc", r"acc: (\S+)", False, None]]
    reports = run(python, tmp_path, text, metrics=metrics).of("report")
    assert [report["metrics"] for report in reports] == [["loss"], ["acc"]]


def test_what_cannot_be_set_up_is_reported(python: str, tmp_path: Path) -> None:
    done = run(python, tmp_path, "print('ran')", cpus=[100_000], metrics=[["loss", "("]])
    assert (done.code, done.output) == (0, "ran\n")
    troubles = [event["what"].split(":")[0] for event in done.of("trouble")]
    assert troubles == ["stay_on_processors", "watch_output"]


# Ends


def test_a_pulse_answers_a_request(python: str, tmp_path: Path) -> None:
    text = "import os, signal\nos.kill(os.getpid(), signal.SIGUSR1)\nprint('went on')"
    done = run(python, tmp_path, text)
    assert done.output == "went on\n"
    assert done.of("pulse")[0]["hits"] == 0


def test_signals_are_left_to_the_program_where_the_order_says_so(
    python: str, tmp_path: Path
) -> None:
    text = """
    import os, signal
    print(signal.getsignal(signal.SIGUSR1) is signal.SIG_DFL)
    signal.signal(signal.SIGUSR2, lambda *_: print('its own'))
    os.kill(os.getpid(), signal.SIGUSR2)
    """
    done = run(python, tmp_path, text, signals=False)
    assert (done.code, done.output) == (0, "True\nits own\n")


def test_an_interrupt_ends_the_program_as_without_the_agent(python: str, tmp_path: Path) -> None:
    done = run(python, tmp_path, "raise KeyboardInterrupt")
    without = subprocess.run(
        [python, str(tmp_path / "program.py")], capture_output=True, check=False
    )
    assert done.code == without.returncode
    assert [event["type"] for event in done.of("failure")] == ["KeyboardInterrupt"]
    assert len(done.of("end")) == 1


def test_a_call_of_the_exception_hook_is_recorded_once_and_cannot_break_it(
    python: str, tmp_path: Path
) -> None:
    text = """
    import sys
    try:
        sys.excepthook(None, None, None)
    except BaseException as error:
        print(type(error).__name__)
    print('went on')
    {}['x']
    """
    done = run(python, tmp_path, text)
    assert done.code == 1
    assert "went on\n" in done.output
    assert [event["type"] for event in done.of("failure")] == ["KeyError"]
    assert done.of("trouble")[0]["what"].startswith("failure: AttributeError")


def test_a_failed_worker_does_not_end_the_program(python: str, tmp_path: Path) -> None:
    text = """
    import subprocess, sys
    code = "raise KeyError('of a worker')"
    print(subprocess.call([sys.executable, "-c", code], stderr=subprocess.DEVNULL))
    """
    done = run(python, tmp_path, text)
    assert (done.code, done.output) == (0, "1\n")
    assert [event["type"] for event in done.of("failure")] == ["KeyError"]
    assert [event["main"] for event in done.of("start")].count(True) == 1


def test_a_child_that_leaves_at_once_has_written_its_end(python: str, tmp_path: Path) -> None:
    text = """
    import os
    child = os.fork()
    if child == 0:
        os._exit(3)
    print(os.WEXITSTATUS(os.waitpid(child, 0)[1]))
    """
    done = run(python, tmp_path, text)
    assert done.output == "3\n"
    assert (len(done.of("start")), len(done.of("end"))) == (2, 2)


def test_two_files_of_one_process_have_two_names(python: str, tmp_path: Path) -> None:
    (tmp_path / "events").mkdir()
    text = """
    import trainwreck_agent.guest as guest
    events = guest.current.events
    print(len({events.create('probe', '.partial')[1] for _ in range(3)}))
    """
    assert run(python, tmp_path, text).output == "3\n"


# Probes


PROBED = """
import sys
total = 0
def add(left, right=2):
    return left + right
for number in range(3):
    total += add(number)
    print("loss:", total, flush=True)
"""


def run_probed(python: str, folder: Path, end: str) -> Ended:
    """Run the text above with probes for all of its mutants."""
    program, code = folder / "program.py", folder / "code.py"
    text = PROBED + textwrap.dedent(end)
    program.write_text(text)
    probed = probe_text(source_of(text), mutants_of(text), (3, 6), 0)
    code.write_text(probed.text)
    return run(
        python,
        folder,
        text,
        files=[entry(program, code=str(code))],
        probes=list(probed.groups),
        metrics=LOSS,
    )


def test_probes_write_a_record_with_a_snapshot_at_each_report(python: str, tmp_path: Path) -> None:
    done = run_probed(python, tmp_path, "")
    assert (done.code, done.output) == (0, "loss: 2\nloss: 5\nloss: 9\n")
    (record,) = done.records("probe-*.json")
    assert len(record["snapshots"]) == 3
    assert len(record["counts"]) == len(record["defined"]) > 0
    assert sum(record["differing"].values()) > 0
    assert record["snapshots"][0] < record["snapshots"][-1] == record["counts"]


@pytest.mark.parametrize("end", ["os._exit(0)", "os.kill(os.getpid(), signal.SIGTERM)"])
def test_a_worker_under_probes_writes_its_record(python: str, tmp_path: Path, end: str) -> None:
    text = f"""
    import os, signal
    child = os.fork()
    if child == 0:
        add(1)
        {end}
        signal.pause()
    os.waitpid(child, 0)
    """
    done = run_probed(python, tmp_path, text)
    assert done.code == 0, done.output
    parent, child = sorted(done.records("probe-*.json"), key=lambda r: -len(r["snapshots"]))
    assert (len(parent["snapshots"]), len(child["snapshots"])) == (3, 0)
    assert 0 < sum(child["ended"]) < sum(parent["ended"])


def test_a_new_process_under_probes_writes_its_record(python: str, tmp_path: Path) -> None:
    text = """
    import subprocess
    code = "print(__trainwreck_seen__(0))"
    print(subprocess.check_output([sys.executable, "-c", code]).decode().strip())
    """
    done = run_probed(python, tmp_path, text)
    assert done.output.endswith("True\n")
    assert len(done.records("probe-*.json")) == 2


# A worker that is terminated


def terminated(python: str, folder: Path, before: str) -> Ended:
    """Measure coverage of a forked child that is sent SIGTERM after it has begun."""
    pytest.importorskip("coverage")
    text = f"""
    import os, signal, time
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        {before}
        os.write(writing, b"x")
        signal.pause()
        os._exit(5)
    os.read(reading, 1)
    time.sleep(0.1)
    os.kill(child, signal.SIGTERM)
    print(os.waitpid(child, 0)[1])
    """
    coverage = {"folders": [str(folder)], "files": []}
    return run(python, folder, text, coverage=coverage)


@pytest.fixture
def own_python() -> str:
    """The Python of the tests, which has coverage.py."""
    return next(iter(PYTHONS.values()))


def test_a_terminated_worker_writes_its_lines(own_python: str, tmp_path: Path) -> None:
    done = terminated(own_python, tmp_path, "pass")
    assert done.output == f"{int(signal.SIGTERM)}\n"
    assert len(done.records("coverage-*.json")) == 2


def test_a_wakeup_descriptor_of_the_program_stays_its_own(own_python: str, tmp_path: Path) -> None:
    text = """
    import os, signal
    first, second = os.pipe()
    os.set_blocking(second, False)
    signal.set_wakeup_fd(second)
    child = os.fork()
    if child == 0:
        print(signal.set_wakeup_fd(-1) == second, flush=True)
        os._exit(0)
    os.waitpid(child, 0)
    """
    coverage = {"folders": [str(tmp_path)], "files": []}
    assert run(own_python, tmp_path, text, coverage=coverage).output == "True\n"


def test_a_python_without_coverage_reports_that_nothing_is_measured(
    python: str, tmp_path: Path
) -> None:
    coverage = {"folders": [str(tmp_path)], "files": []}
    (tmp_path / "shadow").mkdir()
    (tmp_path / "shadow" / "coverage.py").write_text("raise ImportError('none here')\n")
    done = run(python, tmp_path, "print('ran')", str(tmp_path / "shadow"), coverage=coverage)
    assert (done.code, done.output) == (0, "ran\n")
    assert done.of("trouble")[0]["what"] == "start_coverage: ImportError: none here"


def test_the_coverage_core_of_the_user_stays(
    own_python: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COVERAGE_CORE", "pytrace")
    coverage = {"folders": [str(tmp_path)], "files": []}
    text = "import os\nprint(os.environ['COVERAGE_CORE'])"
    assert run(own_python, tmp_path, text, coverage=coverage).output == "pytrace\n"


CONNECTS = """
import multiprocessing, os, socket, sys
def connect(port):
    socket.create_connection(("localhost", port)).close()
if __name__ == "__main__":
    servers = [socket.socket(), socket.socket()]
    for server in servers:
        server.bind(("127.0.0.1", 0))
        server.listen()
    ports = [server.getsockname()[1] for server in servers]
    connect(ports[0])
    connect(ports[0])
    child = multiprocessing.get_context("fork").Process(target=connect, args=(ports[1],))
    child.start()
    child.join()
    unix = socket.socket(socket.AF_UNIX)
    for path in (b"/no/such\\xff", "\\0abstract"):
        try:
            unix.connect(path)
        except OSError:
            pass
    for odd in (None, (), ("localhost",), ("localhost", "x")):
        try:
            socket.socket().connect(odd)
        except (TypeError, OSError, OverflowError):
            pass
    print(*ports, sys.version_info >= (3, 8))
"""


def test_connections_are_observed_where_the_order_asks_for_them(
    python: str, tmp_path: Path
) -> None:
    done = run(python, tmp_path, CONNECTS, network=True)
    assert done.code == 0, done.output
    *ports, is_reported = done.output.split()
    seen = [(event["name"], event["value"]) for event in done.of("observation")]
    ends = [value for name, value in seen if name.startswith("connected")]
    if is_reported == "False":
        assert ends == []
        return
    here = [end for end in ends if isinstance(end, list)]
    assert here == [["127.0.0.1", int(port)] for port in ports], "each once, also in a fork"
    assert [end for end in ends if isinstance(end, str)] == ["/no/such\ufffd", "\0abstract"]
    assert ("looked up localhost", "localhost") in seen


def test_connections_are_not_observed_otherwise(python: str, tmp_path: Path) -> None:
    assert run(python, tmp_path, CONNECTS).of("observation") == []
