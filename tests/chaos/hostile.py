"""Runs the hostile programs of tests/zoo_hostile, and says of each what it harmed and how it ended.

python tests/chaos/hostile.py OUT.json [LEVEL …]    all of them, at each level of containment
"""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field
from pathlib import Path

import psutil

from canary import ZOO, Snapshot, harm, make_canary
from made import keep
from trainwreck import Campaign
from trainwreck.errors import TrainwreckError
from trainwreck.model import OwnBug, PlannedMutant
from trainwreck.subject.settings_keys import TRIALS

TOOL = Path(__file__).with_name("tool.py")
LEVELS = ("strict", "copy", "landlock")
WITHOUT_NAMESPACES = (
    *("unshare", "--user", "--map-root-user", "sh", "-c"),
    "echo 0 > /proc/sys/user/max_user_namespaces && exec setpriv --bounding-set=-all "
    '--inh-caps=-all --ambient-caps=-all --securebits=+noroot,+noroot_locked "$@"',
    "sh",
)
"""What runs a command, whose words follow, where no namespace can be made."""
SETTINGS = {"rules": "[]", "disk": '"150M"', "containment": '"{level}"'}
LONGEST = 180.0
"""Seconds that one command may take; all programs here are stopped within ten."""
ATTEMPTS = 4
"""The number of times that a command is given which a program has killed."""
SHORTEST_TIME, PATIENT_TIME = "4", "60"
"""The limits of time in seconds for programs that hang, and for all others."""

MOST_PROCESSES = "100"
BENIGN = ("rate", "RATE = 0.5", "RATE = 0.25")

EXITED, SIGNAL, BROKEN = "exited", "signal", "broken"
TIME, CPU, MEMORY = "time limit", "processor time limit", "memory limit"
DISK, PROCESSES, OUTPUT = "disk limit", "process limit", "output limit"
ENDS = {
    "kill_group": {SIGNAL},
    "terminate_itself": {SIGNAL},
    "shared_memory": {SIGNAL},
    "shared_memory_in_use": {SIGNAL},
    "stop_itself": {TIME},
    "ignore_signals": {TIME},
    "stay_in_c": {TIME, CPU},
    "fork_many": {PROCESSES},
    "fork_each": {PROCESSES, MEMORY},
    "eat_memory": {MEMORY},
    "eat_memory_at_once": {MEMORY},
    "eat_disk": {DISK},
    "eat_disk_by_files": {DISK},
    "flood_log": {OUTPUT},
    "delete_siblings": {BROKEN},
    "delete_own_order": {BROKEN},
    "become_a_link_above": {BROKEN},
    "become_a_link_for_all": {BROKEN},
    "forge_unknown_rule": {EXITED, BROKEN},
    "forge_early_end": {BROKEN},
    "forge_refusal": {BROKEN},
    "forge_digest": {EXITED, BROKEN},
    "break_events": {EXITED, BROKEN},
    "mistype_events": {EXITED, BROKEN},
    "events_are_a_pipe": {EXITED, BROKEN},
    "flood_events": {EXITED, BROKEN, DISK, OUTPUT},
    "delete_own_folder": {EXITED, BROKEN},
    "become_a_link": {EXITED, BROKEN},
    "delete_campaign": {EXITED, BROKEN},
    "exit_as_refused": {EXITED, BROKEN},
    "nested_folders": {EXITED, BROKEN},
    "forge_order": {EXITED, BROKEN},
    "output_is_pipe": {EXITED, BROKEN},
    "output_is_endless": {EXITED, BROKEN},
    "output_is_huge": {EXITED, BROKEN, DISK},
    "kill_parent": {EXITED, BROKEN, SIGNAL},
    "stop_parent": {EXITED, BROKEN, SIGNAL},
    "stop_parent_for_good": {EXITED, BROKEN},
    "kill_all_of_the_test": {EXITED, BROKEN, SIGNAL},
}
"""The right ends of an act where it is not that the program exits."""

OPEN_AT_COPY = frozenset(
    [
        "delete_user_files",
        "rewrite_user_file",
        "truncate_user_file",
        "rename_user_files",
        "delete_original_program",
        "change_modes",
        "change_owners",
        "change_times",
        "change_attributes",
        "delete_library",
        "rewrite_library",
        "delete_campaign",
        "corrupt_campaign",
        "corrupt_by_parent",
        "reach_host",
        "write_to_tmp",
        "escape",
        "shared_memory",
    ]
)
"""Acts on paths and processes that all share, and on the network, which copies do not stop."""

OPEN_BY_LANDLOCK = frozenset(
    [
        "change_modes",
        "change_owners",
        "change_times",
        "change_attributes",
        "reach_host",
    ]
)
"""Acts that Landlock cannot stop where the machine allows no mounts."""

OPEN = {("copy", ""): OPEN_AT_COPY, ("strict", "landlock"): OPEN_BY_LANDLOCK}
"""The acts that a level does not claim to stop, by level and means."""


@dataclass
class Result:
    """What came of one act at one level; ``harmed`` and ``left`` should be empty.

    Attributes:
        act: The name of the act.
        does: What it does, in a few words.
        level: The level of containment.
        means: What makes it strict: mounts or Landlock.
        ending: How the stored run ended, or empty where none was stored.
        codes: The exit codes of the command, one for each attempt.
        harmed: Paths that are gone, new or changed, other than the trial's own.
        left: Processes, locks and files that the command has left.
        problems: What else is not as it should be.
        seconds: Wall time.

    """

    act: str
    does: str
    level: str
    means: str = ""
    ending: str = ""
    codes: list[int] = field(default_factory=list)
    harmed: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    seconds: float = 0.0

    @property
    def fine(self) -> bool:
        """Return whether nothing was harmed, nothing is left, and the campaign went on."""
        return not (self.harmed or self.left or self.problems)

    @property
    def is_open(self) -> bool:
        """Return whether the level does not claim to stop this act."""
        return self.act in OPEN.get((self.level, self.means), ())


def settings_of(level: str) -> str:
    """Return the lines of ``[trials]`` for a level."""
    known = {key.name for key in TRIALS.keys}
    lines = [f"{name} = {value}" for name, value in SETTINGS.items() if name in known]
    return "\n".join(lines).format(level=level) + "\n"


def has_levels() -> bool:
    """Return whether this trainwreck knows levels of containment."""
    return "containment" in {key.name for key in TRIALS.keys}


def can_be_without_namespaces() -> bool:
    """Return whether a command can be run where no namespace can be made."""
    code = "from trainwreck.run.means import strict_means; print(strict_means()[0])"
    try:
        tried = [*WITHOUT_NAMESPACES, sys.executable, "-c", code]
        answered = subprocess.run(tried, capture_output=True, text=True, check=False)
    except OSError:
        return False
    return answered.stdout.strip() == "landlock"


def acts() -> dict[str, str]:
    """Return each act of the zoo with what it does."""
    namespace: dict[str, object] = {"__name__": "acts"}
    path = ZOO / "program" / "acts.py"
    exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), namespace)
    found: dict[str, Callable[[], None]] = namespace["ACTS"]  # type: ignore[assignment]
    return {name: (function.__doc__ or "").strip() for name, function in found.items()}


class Zoo:
    """A tree of canaries with a campaign, whose bugs turn its program into hostile ones.

    The level ``landlock`` is strict on a machine that has no namespaces.
    """

    def __init__(self, folder: Path, level: str) -> None:
        is_landlock = level == "landlock"
        self.level = "strict" if is_landlock else level
        self._before_command = WITHOUT_NAMESPACES if is_landlock else ()
        self.canary = make_canary(folder, settings_of(self.level))
        self._reached: list[bytes] = []
        self._seconds = PATIENT_TIME
        self._pristine = folder / "pristine"

    @contextmanager
    def ready(self) -> Iterator["Zoo"]:
        """Make the clean runs, and listen on the loopback while programs run."""
        with socket.create_server(("127.0.0.1", 0)) as server:
            self._port = server.getsockname()[1]
            threading.Thread(target=self._listen, args=(server,), daemon=True).start()
            code = self.command("baseline")
            assert code == 0, f"the clean runs failed: {code}: {self.said}"
            self.level_that_held, self.means = self._held()
            self._keep()
            yield self
        self.canary.sweep()

    def _held(self) -> tuple[str, str]:
        """Return the level that the clean runs were made at, and its means."""
        with Campaign.open(self.canary.campaign).source() as source:
            held = source.file.meta("containment") or [{}]
        level = str(held[-1].get("level", ""))
        return level, str(held[-1].get("means", "")) if level == "strict" else ""

    def _listen(self, server: socket.socket) -> None:
        while True:
            try:
                connection, _ = server.accept()
            except OSError:
                return
            with connection, suppress(OSError):
                self._reached.append(connection.recv(100))

    def command(self, *words: str) -> int:
        """Give a command of trainwreck, in a session of its own; return its exit code."""
        tool = [sys.executable, str(TOOL), "--campaign", str(self.canary.campaign)]
        command = [*self._before_command, *tool, *words]
        environment = self.canary.environment() | {
            "CHAOS_SHORTEST_TIME": self._seconds,
            "CHAOS_PROCESSES": MOST_PROCESSES,
            "CANARY_PORT": str(self._port),
        }
        with tempfile.TemporaryFile() as output:
            process = subprocess.Popen(
                command,
                cwd=self.canary.program,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
            try:
                code = process.wait(LONGEST)
            except subprocess.TimeoutExpired:
                code = 124
            finally:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
            output.seek(0)
            self.said = output.read().decode("utf-8", "replace")[-3000:]
        return code

    def perform(self, act: str, does: str) -> Result:
        """Let the program do one act as a planted bug, and say what came of it."""
        began = time.monotonic()
        result = Result(act, does, self.level, self.means)
        hangs = not ENDS.get(act, {EXITED}).isdisjoint({TIME, CPU})
        self._seconds = SHORTEST_TIME if hangs else PATIENT_TIME
        before = self._restored()
        runs = self._number_of_runs()
        patch = self._patch(act, 'ACT = "nothing"', f'ACT = "{act}"')
        while len(result.codes) < ATTEMPTS and (not result.codes or result.codes[-1] < 0):
            result.codes.append(self.command("run", "--patch", str(patch), "--jobs", "1"))
        result.harmed = harm(before, self.canary.snapshot()) + self._harmed_campaign(runs)
        result.left = self._left()
        self.canary.sweep()
        if not self.canary.program.is_dir():
            shutil.copytree(self._pristine / "program", self.canary.program, symlinks=True)
        self._judge(result)
        result.seconds = time.monotonic() - began
        return result

    def _patch(self, name: str, before: str, after: str) -> Path:
        path = self.canary.root / "records" / f"{name}.diff"
        lines = (ZOO / "program" / "train.py").read_text(encoding="utf-8").splitlines()
        number = lines.index(before) + 1
        head = f"--- a/train.py\n+++ b/train.py\n@@ -{number},1 +{number},1 @@\n"
        path.write_text(f"{head}-{before}\n+{after}\n", encoding="utf-8")
        return path

    def _keep(self) -> None:
        shutil.rmtree(self._pristine, ignore_errors=True)
        shutil.copytree(self.canary.root, self._pristine, symlinks=True)
        self._before = self.canary.snapshot()

    def _restored(self) -> Snapshot:
        """Return the tree's state, after what an earlier act has harmed was put right."""
        if self._number_of_runs() < 0 or self.canary.snapshot() != self._before:
            for folder in (self.canary.root, self._pristine):
                _allow_all(folder)
            shutil.rmtree(self.canary.root)
            shutil.copytree(self._pristine, self.canary.root, symlinks=True)
            self._before = self.canary.snapshot()
        return self._before

    def _number_of_runs(self) -> int:
        """Return the number of runs that the campaign holds, -1 where it cannot be read."""
        try:
            with Campaign.open(self.canary.campaign).source() as source:
                return sum(number for _, number in source.file.runs.environments())
        except (TrainwreckError, OSError):
            return -1
        except Exception as error:  # noqa: BLE001 - whatever it is, the file is no campaign now
            print(f"the campaign cannot be read: {error!r}", file=sys.stderr)
            return -1

    def _harmed_campaign(self, before: int) -> list[str]:
        after = self._number_of_runs()
        if after < 0:
            return ["campaign: cannot be read"]
        return [] if after >= before else [f"campaign: {before - after} runs are gone"]

    def _left(self) -> list[str]:
        """Return the processes, files and locks that are left after the command."""
        left = [f"process: {' '.join(process.cmdline())}" for process in self._processes()]
        left += [f"file: {stray}" for stray in self.canary.strays()]
        work = self.canary.campaign / "work"
        if work.exists():
            left += [f"folder: {path.name}" for path in work.iterdir()]
        return left

    def _processes(self) -> Sequence[psutil.Process]:
        """Return the processes that are left; those at their very end may take a moment."""
        for _ in range(20):
            found = self.canary.processes()
            if not found:
                return []
            time.sleep(0.1)
        return found

    def _judge(self, result: Result) -> None:
        """Compare the end of the stored run with the right ones."""
        if result.codes[-1] != 0:
            result.problems.append(f"the command exits {result.codes[-1]}: {self.said[-600:]}")
            return
        with Campaign.open(self.canary.campaign).source() as source:
            found = [item.mutant for item in source.chosen() if _is_of(item, result.act)]
            outcomes = [each for mutant in found for each in source.file.outcomes_of(mutant.id)]
            logs = [source.file.log(outcome.trial_id) for _, outcome in outcomes]
        if not outcomes:
            result.problems.append("no run is stored")
            return
        outcome = outcomes[0][1]
        result.ending = str(outcome.exit)
        if outcome.exit.ending not in ENDS.get(result.act, {EXITED}):
            result.problems.append(f"the run's end is `{outcome.exit}`")
        if outcome.settled:
            result.problems.append(f"the run is taken for one that `{outcome.settled}` ended")
        if "refused: " not in (log := "".join(logs)) and "escaped" in log:
            result.problems.append("escaped")
        if "s3cret" in log:
            result.problems.append("the log holds a secret")
        if result.act == "reach_host" and self._reached:
            result.harmed.append("network: a server of this machine was reached")
            self._reached.clear()
        self._judge_text(result, found[0].id)

    def _judge_text(self, result: Result, mutant: str) -> None:
        """Look for escape sequences in what `show` prints."""
        code = self.command("show", mutant)
        if code != 0:
            result.problems.append(f"`show` exits {code}: {self.said[-600:]}")
        elif "\x1b" in self.said or "\x07" in self.said:
            result.problems.append("`show` prints escape sequences")

    def benign_verdict(self) -> str:
        """Return the rung of a harmless bug, which must not depend on what ran before it."""
        name, before, after = BENIGN
        assert self.command("run", "--patch", str(self._patch(name, before, after))) == 0, self.said
        campaign = Campaign.open(self.canary.campaign)
        with campaign.source() as source:
            (mutant,) = [item.mutant for item in source.chosen() if _is_of(item, name)]
        verdict = campaign.story(mutant.id).verdict
        assert verdict is not None
        return str(verdict.rung)


def _is_of(planned: PlannedMutant, name: str) -> bool:
    """Return whether a bug is the one of a patch."""
    return isinstance(planned.mutant, OwnBug) and planned.mutant.label == f"{name}.diff"


def _allow_all(folder: Path) -> None:
    """Give back the rights on every path below a folder, links apart."""
    for path in [folder, *folder.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() else 0o644)


def run_zoo(level: str, names: Sequence[str] = ()) -> Iterator[Result]:
    """Yield the result of each act at one level."""
    with (
        tempfile.TemporaryDirectory(prefix="zoo-") as folder,
        Zoo(Path(folder), level).ready() as zoo,
    ):
        for act, does in acts().items():
            if not names or act in names:
                yield zoo.perform(act, does)


def main(out: str, *levels: str) -> None:
    """Run the whole zoo at each level, and keep the results."""
    results = []
    names = os.environ.get("ACTS", "").split()
    for level in levels or LEVELS:
        for result in run_zoo(level, names):
            results.append(result)
            state = "fine" if result.fine else "open" if result.is_open else "HARM"
            print(f"{level:6} {state:5} {result.act:32} {result.ending:22} {result.seconds:5.1f} s")
            for line in (*result.harmed[:3], *result.left[:3], *result.problems):
                print(f"         {line}")
            sys.stdout.flush()
    keep(Path(out), {"results": [asdict(result) for result in results]})


if __name__ == "__main__":
    main(*sys.argv[1:])
