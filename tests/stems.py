"""A stem with a driver in the role of trainwreck, and cold runs of the same orders."""

import contextlib
import hashlib
import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from guest import AGENT, TESTS
from trainwreck.model import Mutant
from trainwreck.mutants.alternatives import HIT_CALL, stem_text
from trainwreck.mutants.listing import list_mutants
from trainwreck.source import decode

LAUNCHER = AGENT / "trainwreck_agent" / "scripts" / "launch.py"
FRAMEWORKS = TESTS / "zoo_rules" / "frameworks"
PLAIN: dict[str, Any] = {
    "protocol": 3, "seed": 1, "threads": 1, "cpus": None, "coverage": None, "digest": True,
    "metrics": [["loss", r"loss: (\S+)", False, None]], "probes": None, "horizon": None,
}  # fmt: skip
OF_TIME = ("wall", "cpu", "began", "pid", "parent")
SECONDS = 60
Forks = Callable[[int], list[Mutant | None]]


@dataclass
class Ended:
    """A run: its exit status, output, and events by process, the program's own first."""

    status: int
    output: str
    events: list[dict[str, Any]]
    others: list[list[dict[str, Any]]]

    def facts(self) -> list[str]:
        """Everything that a cold run and a warm one must agree on."""
        own = [_timeless(event) for event in self.events]
        others = sorted(json.dumps([_timeless(e) for e in events]) for events in self.others)
        return [*sorted(own, key=lambda text: '"planted"' in text), *others]

    @property
    def text(self) -> str:
        """The output without carets: in a cold run the counter is in their way."""
        lines = self.output.splitlines(True)
        return "".join(line for line in lines if line.strip(" ~^\n") or not line.strip())

    def of(self, kind: str) -> list[dict[str, Any]]:
        return [event for event in self.events if event["event"] == kind]


def _timeless(event: dict[str, Any]) -> str:
    kept = {name: value for name, value in event.items() if name not in OF_TIME}
    return json.dumps(kept, sort_keys=True)


@dataclass
class StemRun:
    """What a stem asked, how its children ended, and how it ended itself."""

    asked: list[dict[str, Any]] = field(default_factory=list)
    forked: list[Mutant | None] = field(default_factory=list)
    children: list[Ended] = field(default_factory=list)
    stem: Ended | None = None

    @property
    def reasons(self) -> list[str]:
        return [line["reason"] for line in self.asked]


class Subject:
    """A folder with a program, which starts cold or as a stem; ``libraries`` stay clean."""

    libraries: Sequence[str] = ()

    def __init__(
        self,
        python: str,
        folder: Path,
        files: dict[str, str],
        words: Sequence[str] = ("program.py",),
        options: Sequence[str] = (),
        **order: Any,
    ) -> None:
        self.python, self.folder = python, folder
        self.app, self.clean = folder / "app", folder / "clean"
        self.words, self.options = list(words), list(options)
        self.order = {**PLAIN, **order}
        self.version = version_of(python)
        for name, text in files.items():
            path = self.clean / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(text.encode())
        self.files = [name for name in files if name.endswith(".py")]
        self.restore()

    def restore(self) -> None:
        """Bring the working folder back, in place."""
        self.app.mkdir(exist_ok=True)
        for path in sorted(self.app.rglob("*"), reverse=True):
            if not (self.clean / path.relative_to(self.app)).exists():
                path.rmdir() if path.is_dir() else path.unlink()
        for path in sorted(self.clean.rglob("*")):
            target = self.app / path.relative_to(self.clean)
            if path.is_dir():
                target.mkdir(exist_ok=True)
            else:
                target.write_bytes(path.read_bytes())

    def mutants(self, file: str = "program.py") -> tuple[Mutant, ...]:
        source = decode((self.clean / file).read_bytes())
        return list_mutants(source, "app", file, file[:-3], self.version).mutants

    def mutant(self, changed: str, file: str = "program.py") -> Mutant:
        """The first mutant whose text has this, which the clean text has not."""
        source = decode((self.clean / file).read_bytes()).text
        assert changed not in source
        return next(m for m in self.mutants(file) if changed in m.apply(source))

    def cold(self, mutant: Mutant | None) -> Ended:
        """Run a mutant, or the clean program, in a process of its own."""
        order = self.write_cold_order("cold", mutant)
        process = self.start(order)
        output, _ = process.communicate(timeout=SECONDS)
        self.restore()
        return ended(process.returncode, output, order)

    def warm(
        self,
        mutants: Iterable[Mutant],
        forks: Forks | None = None,
        armed: Iterable[Mutant] | None = None,
        is_over: bool = False,
    ) -> StemRun:
        """Run a stem that forks each mutant at its own expression, or where ``forks`` says.

        Where it ``is_over``, it is ended after its first forks.
        """
        return _Driver(self, list(mutants), forks, armed, is_over).run()

    def start(self, order: Path) -> "subprocess.Popen[bytes]":
        inherited = {k: v for k, v in os.environ.items() if not k.startswith("COV")}
        return subprocess.Popen(
            [self.python, *self.options, str(LAUNCHER), *self.words],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            cwd=self.app,
            start_new_session=True,
            env={
                **inherited,
                "TRAINWRECK_ORDER": str(order),
                "PYTHONPATH": os.pathsep.join([str(AGENT), str(FRAMEWORKS)]),
                "PYTHONDONTWRITEBYTECODE": "1",
                "PYTHONHASHSEED": "0",
            },
        )

    def write_cold_order(self, name: str, mutant: Mutant | None) -> Path:
        """Write the order of a cold run, and the bug into the folder."""
        place = self.folder / name
        shutil.rmtree(place, ignore_errors=True)
        (place / "events").mkdir(parents=True)
        files = []
        if mutant is not None:
            original = self.app / mutant.file
            source = decode(original.read_bytes())
            code = place / mutant.file.replace("/", "-")
            code.write_bytes(source.encode(mutant.apply_counted(source.text, HIT_CALL)))
            is_library = mutant.file in self.libraries
            shown = place / "shown.py" if is_library else original
            shown.write_bytes(source.encode(mutant.apply(source.text)))
            files.append(entry(original, code=str(code), shown=str(shown), mutated=True))
        path = self.folder / "order.json"
        order = {**self.order, "events": str(place / "events"), "files": files}
        path.write_text(json.dumps(order))
        return path


def entry(path: Path, **changes: Any) -> dict[str, Any]:
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    plain = {
        "path": str(path.resolve()), "sha256": sha256, "code": str(path), "shown": str(path),
        "mutated": False, "count_line": None, "counted": [], "phases": [],
    }  # fmt: skip
    return {**plain, **changes}


def version_of(python: str) -> tuple[int, int]:
    command = "import sys; print(*sys.version_info[:2])"
    major, minor = subprocess.check_output([python, "-S", "-c", command], text=True).split()
    return int(major), int(minor)


def ended(status: int, output: bytes, order: Path) -> Ended:
    """The run of an order, with what it has recorded."""
    folder = Path(json.loads(order.read_text())["events"])
    processes = [
        [json.loads(line) for line in path.read_text().splitlines()]
        for path in sorted(folder.glob("events-*.jsonl"))
    ]
    own = [events for events in processes if events and events[0].get("main")]
    others = [events for events in processes if events and not events[0].get("main")]
    assert len(own) <= 1
    return Ended(status, output.decode(), own[0] if own else [], others)


class _Driver:
    """One stem from start to end."""

    def __init__(
        self,
        subject: Subject,
        mutants: list[Mutant],
        forks: Forks | None,
        armed: Iterable[Mutant] | None,
        is_over: bool,
    ) -> None:
        self.is_over = is_over
        self.subject, self.folder = subject, subject.folder
        self.seen = StemRun()
        self.numbers: dict[str, int] = {}
        self.output = b""
        files = [self._stem_file(name, mutants) for name in subject.files]
        by_number = {self.numbers[m.id]: m for m in mutants if m.id in self.numbers}
        self.forks: Forks = forks or (lambda number: [by_number[number]])
        for name in ("ask", "answer", "child"):
            (self.folder / name).unlink(missing_ok=True)
            os.mkfifo(self.folder / name)
        events = self.folder / "stem-events"
        shutil.rmtree(events, ignore_errors=True)
        events.mkdir()
        wanted = mutants if armed is None else list(armed)
        numbers = [self.numbers[mutant.id] for mutant in wanted if mutant.id in self.numbers]
        stem = {"folder": str(self.folder), "armed": numbers}
        order = {**subject.order, "events": str(events), "files": files, "stem": stem}
        self.order, self.kept = self.folder / "order.json", self.folder / "stem-order.json"
        self.text = json.dumps(order)
        self.order.write_text(self.text)
        self.kept.write_text(self.text)

    def _stem_file(self, name: str, mutants: list[Mutant]) -> dict[str, Any]:
        path = self.subject.app / name
        source = decode(path.read_bytes())
        own = [mutant for mutant in mutants if mutant.file == name]
        stem = stem_text(source, own, (), self.subject.version, len(self.numbers) + 1)
        self.numbers.update(stem.numbers)
        code = self.folder / ("marked-" + name.replace("/", "-"))
        code.write_bytes(source.encode(stem.text))
        return entry(path, code=str(code), alternatives=list(stem.alternatives))

    def run(self) -> StemRun:
        ask = os.open(self.folder / "ask", os.O_RDWR)
        # As in trainwreck, both ends stay open: no read finds the pipe at an end of its lines.
        self.answer = os.open(self.folder / "answer", os.O_RDWR)
        process = self.subject.start(self.order)
        assert process.stdout is not None
        output = process.stdout.fileno()
        try:
            while self._read_on(ask, output):
                pass
            status = process.wait(SECONDS)
        finally:
            self._kill_all()
            os.close(ask)
            os.close(self.answer)
            process.stdout.close()
            self.subject.restore()
        self.seen.stem = ended(status, self.output, self.kept)
        return self.seen

    def _kill_all(self) -> None:
        """End every process in the working folder, as trainwreck's own tree does."""
        for folder in Path("/proc").glob("[0-9]*"):
            with contextlib.suppress(OSError):
                if (folder / "cwd").readlink() == self.subject.app:
                    os.kill(int(folder.name), signal.SIGKILL)

    def _read_on(self, ask: int, output: int) -> bool:
        """Take what the stem says; false at the end of its output, which comes first."""
        ready, _, _ = select.select([ask, output], [], [], SECONDS)
        assert ready, "the stem is silent"
        if output in ready:
            piece = os.read(output, 1 << 16)
            self.output += piece
            return bool(piece)
        for line in os.read(ask, 1 << 16).splitlines():
            self._hear(json.loads(line), ask)
        return True

    def _hear(self, line: dict[str, Any], ask: int) -> None:
        self.seen.asked.append(line)
        if line["safe"]:
            for mutant in self.forks(line["at"]):
                self._fork(mutant, ask)
            self._say(**{"end" if self.is_over else "go": True})

    def _say(self, **values: Any) -> None:
        os.write(self.answer, (json.dumps(values) + "\n").encode())

    def _fork(self, mutant: Mutant | None, ask: int) -> None:
        name = f"child-{len(self.seen.children)}"
        paths = sorted(self.subject.app.rglob("*"))
        before = {path: path.read_bytes() if path.is_file() else None for path in paths}
        order = self.subject.write_cold_order(name, mutant)
        kept = self.folder / f"{name}.json"
        kept.write_text(order.read_text())
        number = None if mutant is None else self.numbers[mutant.id]
        child = os.open(self.folder / "child", os.O_RDWR)
        path = str(self.folder / "child")
        self._say(fork=name, on=number, order=str(order), output=path, errors=None)
        status, output = self._end_of(name, ask, child)
        os.close(child)
        self.seen.forked.append(mutant)
        self.seen.children.append(ended(status, self.output + output, kept))
        self._restore(before)

    def _end_of(self, name: str, ask: int, child: int) -> tuple[int, bytes]:
        """Return a child's exit status and what it has written."""
        output = b""
        while True:
            ready, _, _ = select.select([ask, child], [], [], SECONDS)
            assert ready, "the child is silent"
            if child in ready:
                output += os.read(child, 1 << 16)
                continue
            lines = [json.loads(line) for line in os.read(ask, 1 << 16).splitlines()]
            self.seen.asked += [line for line in lines if "at" in line]
            for line in lines:
                if "ended" in line:
                    assert line["ended"] == name
                    assert line["peak"] > 1000
                    return _exit_status(line["status"]), output + _rest(child)

    def _restore(self, before: dict[Path, bytes | None]) -> None:
        for path in self.subject.app.rglob("*"):
            if path.is_file() and path not in before:
                path.unlink()
        for path, content in before.items():
            if content is None:
                path.mkdir(exist_ok=True)
            elif not path.exists() or path.read_bytes() != content:
                path.write_bytes(content)
        self.order.write_text(self.text)


def _rest(pipe: int) -> bytes:
    """Return what is in a pipe that nobody writes to any more."""
    rest = b""
    while select.select([pipe], [], [], 0)[0]:
        rest += os.read(pipe, 1 << 16)
    return rest


def _exit_status(raw: int) -> int:
    return -os.WTERMSIG(raw) if os.WIFSIGNALED(raw) else os.WEXITSTATUS(raw)
