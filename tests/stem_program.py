"""A stand-in for an interpreter with the agent: it runs lines, and as a stem it forks before them.

A program for it has an expression on each line. It follows the conversation of a stem as
PROTOCOL.md describes it; `BAD` variables let it break the rules. It is started by its path.
"""

import hashlib
import json
import os
import random
import signal
import sys
import time
from pathlib import Path

ORDER = Path(os.environ["TRAINWRECK_ORDER"])
STEPS: list[str] = []


class Events:
    """The record of one process."""

    def __init__(self, folder: str, begin: bytes) -> None:
        self.path = Path(folder) / f"events-{os.getpid()}-0.jsonl"
        self.path.write_bytes(begin)

    def add(self, event: str, **fields: object) -> None:
        with self.path.open("a") as file:
            file.write(json.dumps({"event": event, **fields}) + "\n")


class Run:
    """One process: the stem, a child of it, or a cold run."""

    def __init__(self) -> None:
        self.order = json.loads(ORDER.read_text())
        self.began = time.time()
        self.events = Events(self.order["events"], b"")
        self.start()
        self.stem = self.order.get("stem")
        self.plant()

    def start(self) -> None:
        started = {"entry": ["file", "train.py"], "path": "train.py", "began": self.began}
        self.events.add("start", pid=os.getpid(), main=True, argv=[], **started)

    def plant(self) -> None:
        files = self.order["files"]
        self.lines = Path("train.py").read_text().splitlines()
        self.asks = (
            {entry["line"]: entry["number"] for file in files for entry in file["alternatives"]}
            if self.stem
            else {}
        )
        self.mutated = any(file["mutated"] for file in files)
        if self.mutated:
            self.events.add("planted", path="train.py", module="train")

    def run(self) -> None:
        clean = Path("clean.txt").read_text().splitlines()
        number = 0
        while number < len(self.lines):
            if self.stem and self.asks.get(number + 1) in self.stem["armed"]:
                self.ask(self.asks[number + 1])
            line = self.lines[number]
            if line != clean[number]:
                self.events.add("hit", wall=0.0, cpu=0.0, hits=1)
            eval(line, globals())
            number += 1
        burn(float(os.environ.get("LATE", "0")))
        digest = hashlib.sha256(" ".join(STEPS).encode()).hexdigest()
        self.events.add("digest", parameters=digest, models=1)
        self.events.add("end", wall=time.time() - self.began, cpu=time.process_time(), hits=1)

    def ask(self, number: int) -> None:
        is_safe = "UNSAFE" not in os.environ
        times = {"wall": time.time() - self.began, "cpu": time.process_time()}
        self.say(
            {"at": number, "safe": is_safe, "reason": "" if is_safe else "two threads", **times}
        )
        asked = time.time()
        while is_safe:
            message = self.hear()
            if "end" in message:
                os._exit(0)
            if "go" in message:
                self.began += time.time() - asked
                return
            pid = os.fork()
            if not pid:
                self.become_child(message)
                return
            _, status, usage = os.wait4(pid, 0)
            cpu = usage.ru_utime + usage.ru_stime
            self.say(
                {"ended": message["fork"], "status": status, "cpu": cpu, "peak": usage.ru_maxrss}
            )

    def become_child(self, message: dict[str, object]) -> None:
        os.setsid()
        output = os.open(str(message["output"]), os.O_WRONLY)
        os.dup2(output, 1)
        errors = message["errors"]
        os.dup2(os.open(str(errors), os.O_WRONLY) if errors else 1, 2)
        lines = self.events.path.read_bytes().splitlines(keepends=True)
        self.order, self.stem = json.loads(ORDER.read_text()), None
        self.events = Events(self.order["events"], b"")
        self.start()
        with self.events.path.open("ab") as file:
            file.write(b"".join(lines[1:]))
        self.plant()

    def say(self, message: dict[str, object]) -> None:
        with (Path(self.stem["folder"]) / "ask").open("w") as pipe:
            pipe.write(json.dumps(message) + "\n")

    def hear(self) -> dict[str, object]:
        with (Path(self.stem["folder"]) / "answer").open() as pipe:
            return dict(json.loads(pipe.readline()))


def step(value: object) -> None:
    STEPS.append(str(value))
    print(f"loss: {value}", flush=True)


def write(name: str, text: str = "x") -> None:
    Path(name).write_text(text)


def append(name: str, text: str) -> None:
    with Path(name).open("a") as file:
        file.write(text)


def show(name: str) -> None:
    step(len(Path(name).read_text()) if Path(name).exists() else -1)


def fail(text: str) -> None:
    raise ValueError(text)


def leave_daemon() -> None:
    if os.fork():
        return
    os.setsid()
    if os.fork():
        os._exit(0)
    time.sleep(600)


def print_much(megabytes: int) -> None:
    for _ in range(megabytes):
        os.write(1, b"x" * (1 << 20))


def fill_disk(megabytes: int) -> None:
    with Path("large").open("wb") as file:
        for _ in range(megabytes):
            file.write(b"x" * (1 << 20))


def replace_folder() -> None:
    Path("../tmp").rename("../gone")
    Path("../tmp").symlink_to("/")


def forge() -> None:
    with Path("../stem/ask").open("w") as pipe:
        pipe.write('{"ended": 1, "status": 0, "cpu": 0.0, "peak": 1}\n')


def stop_self() -> None:
    os.kill(os.getpid(), signal.SIGSTOP)


def kill_parent() -> None:
    os.kill(os.getppid(), signal.SIGKILL)
    time.sleep(5)


def stop_parent() -> None:
    os.kill(os.getppid(), signal.SIGSTOP)


def take_pipe() -> None:
    Path("../stem/ask").rename("../stem/gone")
    Path("../stem/ask").touch()


def burn(seconds: float) -> None:
    until = time.process_time() + seconds
    while time.process_time() < until:
        pass


def kill_group() -> None:
    os.killpg(0, signal.SIGKILL)


def print_to_stem() -> None:
    with Path(f"/proc/{os.getppid()}/fd/1").open("w") as stream:
        stream.write("loss: 77\n")


def spin() -> None:
    while True:
        pass


def hang() -> None:
    while True:
        time.sleep(0.1)


if __name__ == "__main__":
    random.seed(json.loads(ORDER.read_text())["seed"])
    run = Run()
    try:
        run.run()
    except Exception as error:  # noqa: BLE001 - as the agent does
        failed = {"type": type(error).__name__, "message": str(error), "frames": []}
        run.events.add("failure", wall=0.0, cpu=0.0, hits=1, chain=[], **failed)
        sys.exit(1)
