"""Disturbs campaigns at random moments, resumes them, and compares what they hold in the end.

    python tests/chaos/chaos.py --seed 1 --count 100 [--only 7] [--out FILE]

Everything is drawn from the seed: campaign 7 of seed 1 gets the same disturbances whenever it is
repeated with ``--only 7``. It needs a C compiler.
"""

import argparse
import fcntl
import os
import shutil
import signal
import subprocess
import sys
import sysconfig
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path
from random import Random

import psutil

from disturbances import FAULTS, Disturbance, Way, drawn
from made import keep
from record import differences, passed_over, record_of
from trainwreck.errors import TrainwreckError

HERE = Path(__file__).parent
PACKAGE = HERE.parents[1] / "src"
COMMANDS = (
    ("baseline",),
    ("list", "--json"),
    ("run", "--mutants", "10"),
    ("audit", "--sample", "20"),
    ("export", "{root}/records.jsonl.gz", "--logs"),
    ("import", "{root}/records.jsonl.gz", "--campaign", "{root}/imported"),
)
"""A campaign's life; planning is a part of the baseline, interim analyses one of the runs."""

AT_WORK = ("baseline", "run", "audit")
"""The commands that run trials."""

OWN_FILES = {"campaign.sqlite", ".gitignore", "lock", "work", "fetched", "attempts.json", "digest"}
MOST_DISTURBED = 3
"""The number of disturbed attempts at one command; the next ones are left alone."""
MOST_ALONE = 4
PAUSE = 1.2
LONGEST = 240.0
OUR_FAULT = 70
MARK = "CHAOS_ROOT"


def build_shim(folder: Path) -> Path:
    """Compile shim.c. Raises SystemExit where there is no compiler."""
    compiler = (sysconfig.get_config_var("CC") or "cc").split()[0]
    compiler = shutil.which(compiler) or shutil.which("cc") or shutil.which("gcc")
    if compiler is None:
        raise SystemExit("this needs a C compiler; install gcc")
    shim = folder / "shim.so"
    words = [compiler, "-shared", "-fPIC", "-O1", "-o", str(shim), str(HERE / "shim.c"), "-ldl"]
    subprocess.run(words, check=True)
    return shim


@dataclass
class Attempt:
    """One attempt at a command; ``hit`` is whether its disturbance came before its end."""

    command: str
    disturbance: str
    code: int
    hit: bool
    seconds: float
    problems: list[str] = field(default_factory=list)


@dataclass
class Life:
    """One campaign from its baseline to its export, with all that was wrong in the end."""

    number: int
    attempts: list[Attempt] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    passed_over: int = 0

    @property
    def deaths(self) -> int:
        """Return the number of commands that did not end in order."""
        return sum(attempt.code != 0 and attempt.hit for attempt in self.attempts)

    @property
    def all_problems(self) -> list[str]:
        """Return what was wrong at any time."""
        return self.problems + [each for attempt in self.attempts for each in attempt.problems]


@dataclass(frozen=True, slots=True)
class Usual:
    """What an undisturbed campaign is like: its record, and each command's changes and seconds."""

    record: dict[str, str]
    changes: dict[str, int]
    seconds: dict[str, float]


class Chaos:
    """A folder with one campaign, and commands that work on it while it is disturbed."""

    def __init__(self, root: Path, shim: Path, jobs: int) -> None:
        self.root = root.resolve()
        self._shim = shim
        self._jobs = jobs
        self.campaign = self.root / "campaign"
        self.said = ""
        for name in ("program", "cache", "tmp", "home"):
            (self.root / name).mkdir(parents=True)
        for path in (HERE / "program").iterdir():
            if path.is_file():
                shutil.copy(path, self.root / "program")

    def attempt(
        self, words: Sequence[str], disturbance: Disturbance | None, usual: Usual | None
    ) -> Attempt:
        """Give a command, disturb it, and say how it ended and what it left."""
        if disturbance and disturbance.way is Way.FILES:
            return self._with_damage(words, disturbance)
        began = time.monotonic()
        count, hit = self.root / "count", self.root / "count.hit"
        for path in (count, hit):
            path.unlink(missing_ok=True)
        changes = usual.changes[words[0]] if usual else 0
        by_change = disturbance is not None and disturbance.way is Way.CHANGE
        plan = f"count 1 0 0 {self.root}"
        if disturbance and by_change:
            plan = disturbance.plan(changes, str(self.root))
        process, output = self._start(words, plan, count)
        outside = None
        if disturbance and usual and not by_change:
            outside = _Outside(self, process, disturbance, usual.seconds[words[0]])
        code = _end_of(process, outside)
        output.seek(0)
        self.said = output.read().decode("utf-8", "replace")
        output.close()
        was_hit = hit.exists() if by_change else bool(outside and outside.done)
        attempt = Attempt(words[0], str(disturbance or ""), code, was_hit, 0.0)
        attempt.problems = self._left() + self._said_badly(code)
        attempt.seconds = time.monotonic() - began
        return attempt

    def _start(
        self, words: Sequence[str], plan: str, count: Path
    ) -> tuple[subprocess.Popen[bytes], "tempfile._TemporaryFileWrapper[bytes]"]:
        words = [word.format(root=self.root) for word in words]
        own = [] if "--campaign" in words else ["--campaign", str(self.campaign)]
        jobs = ["--jobs", str(self._jobs)] if words[0] in AT_WORK else []
        kept = ("PATH", "LANG", "LC_ALL", "PYTHONPATH", "VIRTUAL_ENV")
        environment = {name: os.environ[name] for name in kept if name in os.environ}
        environment |= {
            "LD_PRELOAD": str(self._shim),
            "CHAOS": plan,
            "CHAOS_COUNT": str(count),
            "CHAOS_SHORTEST_TIME": "60",
            "TRAINWRECK_CACHE": str(self.root / "cache"),
            "TMPDIR": str(self.root / "tmp"),
            "HOME": str(self.root / "home"),
            MARK: str(self.root),
        }
        output = tempfile.NamedTemporaryFile()  # noqa: SIM115 - closed by the caller
        process = subprocess.Popen(
            [sys.executable, str(HERE / "tool.py"), *own, *words, *jobs],
            cwd=self.root / "program",
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        return process, output

    def processes(self) -> list[psutil.Process]:
        """Return all processes that belong to this campaign."""
        found = []
        for process in psutil.process_iter():
            with suppress(psutil.Error, OSError):
                is_ours = process.environ().get(MARK) == str(self.root)
                if is_ours and process.status() != psutil.STATUS_ZOMBIE:
                    found.append(process)
        return found

    def _left(self) -> list[str]:
        """Return the processes and the lock that an ended command has left."""
        for _ in range(50):
            left = self.processes()
            if not left:
                break
            time.sleep(0.1)
        problems = []
        for process in left:
            with suppress(psutil.Error):
                problems.append(f"left a process: {' '.join(process.cmdline())[:200]}")
                process.kill()
        lock = self.campaign / "lock"
        if lock.exists():
            with lock.open("r") as file:
                try:
                    fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError:
                    problems.append("left the campaign's lock held")
        return problems

    def _said_badly(self, code: int) -> list[str]:
        if code == OUR_FAULT or "Traceback (most recent" in self.said:
            return [f"exit {code} with a traceback: …{self.said[-1500:]}"]
        return []

    def _with_damage(self, words: Sequence[str], disturbance: Disturbance) -> Attempt:
        """Damage files before the command; those of the campaign are put back after it."""
        random = Random(disturbance.moment)
        file = self.campaign / "campaign.sqlite"
        kept, hit, before = self.root / "kept.sqlite", True, None
        match disturbance.fault:
            case "cache damaged":
                hit = _damage_files(self.root / "cache", random)
            case "working copies left over" if words[0] not in AT_WORK:
                hit = False
            case "working copies left over":
                app = self.campaign / "work" / "0" / "app"
                app.mkdir(parents=True, exist_ok=True)
                (app / "train.py").write_text("raise SystemExit('of another trial')\n")
            case _ if not file.exists():
                hit = False
            case fault:
                before = self._record()
                shutil.copy(file, kept)
                _damage_file(file, random, cut="cut" in fault)
        attempt = self.attempt(("verify",) if before else words, None, None)
        attempt.command, attempt.disturbance, attempt.hit = words[0], str(disturbance), hit
        if before is not None:
            if attempt.code == 0 and self._record() not in (before, None):
                attempt.problems.append("a damage that changes the record was not found")
            attempt.code = attempt.code or 7
            for suffix in ("-wal", "-shm"):
                Path(f"{file}{suffix}").unlink(missing_ok=True)
            shutil.move(kept, file)
        return attempt

    def _record(self) -> dict[str, str] | None:
        try:
            return record_of(self.campaign)
        except TrainwreckError:
            return None
        except Exception as error:  # noqa: BLE001 - a reader that fails is no silent change
            print(f"    reading a damaged campaign: {error!r}"[:200])
            return None

    def leftovers(self) -> list[str]:
        """Return the files that a finished campaign has left where it should not."""
        left = [path.name for path in self.campaign.iterdir() if path.name not in OWN_FILES]
        left += [path.name for path in (self.root / "tmp").iterdir()]
        work = self.campaign / "work"
        left += [path.name for path in work.iterdir()] if work.exists() else []
        return [f"left the file {name}" for name in left]


def _damage_files(folder: Path, random: Random) -> bool:
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    for path in files:
        _damage_file(path, random, cut=random.random() < 0.3)
    return bool(files)


def _damage_file(path: Path, random: Random, cut: bool) -> None:
    content = bytearray(path.read_bytes())
    if not content:
        return
    at = random.randrange(len(content))
    if cut:
        del content[at:]
    else:
        content[at] ^= 1 << random.randrange(8)
    path.write_bytes(content)


class _Outside:
    """A disturbance that comes from outside of the command, at a moment of its time."""

    def __init__(
        self,
        chaos: Chaos,
        process: subprocess.Popen[bytes],
        disturbance: Disturbance,
        seconds: float,
    ) -> None:
        self._chaos = chaos
        self._process = process
        self._disturbance = disturbance
        self._at = time.monotonic() + disturbance.moment * seconds
        self.done = False

    def act(self) -> None:
        """Disturb the command once its moment has come."""
        if self.done or time.monotonic() < self._at:
            return
        children = [p for p in self._chaos.processes() if p.pid != self._process.pid]
        match self._disturbance.fault:
            case "child killed":
                if not children:
                    return  # It waits for one.
                random = Random(self._disturbance.moment)
                _send(random.choice(sorted(children, key=lambda p: p.pid)).pid, signal.SIGKILL)
            case "all frozen and thawed":
                pids = [self._process.pid, *(child.pid for child in children)]
                for number in (signal.SIGSTOP, signal.SIGCONT):
                    for pid in pids:
                        _send(pid, number)
                    time.sleep(PAUSE if number == signal.SIGSTOP else 0)
            case _:
                with suppress(ProcessLookupError):
                    os.killpg(self._process.pid, signal.SIGHUP)
        self.done = True


def _send(pid: int, number: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, number)


def _end_of(process: subprocess.Popen[bytes], outside: _Outside | None) -> int:
    """Wait for the end of a command; continue it where it was stopped. Return its exit code."""
    until = time.monotonic() + LONGEST
    while time.monotonic() < until:
        pid, status = os.waitpid(process.pid, os.WNOHANG | os.WUNTRACED)
        if pid and os.WIFSTOPPED(status):
            if outside is None:
                time.sleep(PAUSE)
                _send(pid, signal.SIGCONT)
        elif pid:
            process.returncode = os.waitstatus_to_exitcode(status)
            return process.returncode
        if outside is not None:
            outside.act()
        time.sleep(0.02)
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return 124


def usual_life(folder: Path, shim: Path) -> Usual:
    """Let a campaign live undisturbed, and return what it is like."""
    chaos = Chaos(folder / "usual", shim, jobs=2)
    changes, seconds = {}, {}
    for words in COMMANDS:
        attempt = chaos.attempt(words, None, None)
        if attempt.code or attempt.problems:
            raise SystemExit(f"undisturbed, `{words[0]}` fails: {attempt}\n{chaos.said}")
        changes[words[0]] = int((chaos.root / "count").read_text())
        seconds[words[0]] = attempt.seconds
    return Usual(record_of(chaos.campaign), changes, seconds)


def disturbed_life(number: int, seed: int, folder: Path, shim: Path, usual: Usual) -> Life:
    """Let a campaign live with disturbances, resume it after each, and compare its record."""
    random = Random(f"{seed}-{number}")
    chaos = Chaos(folder / str(number), shim, jobs=random.choice((1, 2)))
    life = Life(number)
    for words in COMMANDS:
        if not _bring_through(chaos, words, random, usual, life):
            return life
    record = record_of(chaos.campaign)
    # Nobody can tell a campaign that is killed twice at one mutant from one that the mutant kills.
    over = passed_over(record) if life.deaths > 1 else set()
    life.passed_over = len(over)
    for name, facts in differences(usual.record, record).items():
        told = [fact for fact in facts if not any(mutant in fact for mutant in over)]
        life.problems += [f"{name}: {fact}" for fact in told]
    life.problems += chaos.leftovers()
    shutil.rmtree(chaos.root)
    return life


def _bring_through(
    chaos: Chaos, words: Sequence[str], random: Random, usual: Usual, life: Life
) -> bool:
    """Repeat a command until it succeeds, at first disturbed; return false at a dead end."""
    for turn in range(MOST_DISTURBED + MOST_ALONE):
        is_disturbed = turn < MOST_DISTURBED and random.random() < 0.8
        disturbance = drawn(random) if is_disturbed else None
        attempt = chaos.attempt(words, disturbance, usual)
        life.attempts.append(attempt)
        if attempt.code == 0:
            return True
        if words[0] == "import" and not (chaos.root / "imported" / "campaign.sqlite").exists():
            continue
        if words[0] == "import":  # An import that was cut short is begun again.
            shutil.rmtree(chaos.root / "imported")
    life.problems.append(f"`{words[0]}` does not succeed any more: {chaos.said[-1500:]}")
    return False


def lives(seed: int, count: int, only: int | None, folder: Path) -> Iterator[Life]:
    """Yield campaigns until ``count`` disturbances have come, or the one with a number."""
    shim = build_shim(folder)
    usual = usual_life(folder, shim)
    done = 0
    number = 0 if only is None else only
    while done < count:
        life = disturbed_life(number, seed, folder, shim, usual)
        yield life
        done += sum(attempt.hit for attempt in life.attempts)
        number += 1
        if only is not None:
            return


def main() -> int:
    """Disturb campaigns, and keep what came of them; return 1 where something was wrong."""
    parser = argparse.ArgumentParser(description="Disturb campaigns at random moments.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=100, help="number of disturbances")
    parser.add_argument("--only", type=int, help="number of the only campaign to disturb")
    parser.add_argument("--out", type=Path, help="file of JSON for the results")
    asked = parser.parse_args()
    found = []
    with tempfile.TemporaryDirectory(prefix="chaos-") as folder:
        for life in lives(asked.seed, asked.count, asked.only, Path(folder)):
            found.append(life)
            show(life)
            if asked.out:
                keep(asked.out, {"seed": asked.seed, "lives": [asdict(each) for each in found]})
    hits = Counter(
        attempt.disturbance.rpartition(" at ")[0]
        for life in found
        for attempt in life.attempts
        if attempt.hit
    )
    for name in FAULTS:
        print(f"{hits[name]:5}  {name}")
    bad = sum(bool(life.all_problems) for life in found)
    print(f"{sum(hits.values())} disturbances of {len(found)} campaigns; {bad} campaigns not fine")
    return min(bad, 1)


def show(life: Life) -> None:
    """Print one line for each attempt, and all problems."""
    for attempt in life.attempts:
        hit = "hit " if attempt.hit else "    "
        disturbance = f"{attempt.disturbance or '-':48}"
        print(
            f"{life.number:4} {attempt.command:9} {attempt.code:4} {hit} {disturbance} "
            f"{attempt.seconds:6.1f} s"
        )
    for problem in life.all_problems:
        print(f"     PROBLEM {problem}")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main())
