"""Runs a tiny campaign in a new folder and prints how deep below the command its trials start.

It counts the frames of trainwreck's own functions at the moment when a trial's process starts:
those of the thread that starts it, and those of the main thread, which waits. The deepest counts.
"""

import os
import sys
import threading
from pathlib import Path
from tempfile import TemporaryDirectory
from types import FrameType

TRAIN = """
import sys

total = int(sys.argv[1]) + 1
print("trainwreck: total=%d" % total)
"""
SETTINGS = """
[subject]
name = "tiny"
command = ["train.py", "{seed}"]

[metrics.total]

[trials]
clean = 2
repeats = 1
seeds = 1
"""
COMMAND = ["run", "--mutants", "1", "--jobs", "1"]


def own_frames(frame: FrameType | None, package: Path) -> int:
    """Count the frames of a package's functions, from ``frame`` to the outermost."""
    count = 0
    while frame is not None:
        inside = Path(frame.f_code.co_filename).is_relative_to(package)
        count += inside and frame.f_code.co_name != "<module>"
        frame = frame.f_back
    return count


def depth(package: Path) -> int:
    """Count the package's frames of this thread and, where it is another, the main thread."""
    main = threading.main_thread().ident
    frames = [sys._getframe()]
    if threading.get_ident() != main:
        frames.append(sys._current_frames()[main or 0])
    return sum(own_frames(frame, package) for frame in frames)


def run_tiny_campaign() -> list[int]:
    """Run it in the current folder; return the depth of each trial's start."""
    import trainwreck
    from trainwreck.__main__ import main

    package = Path(trainwreck.__file__).parent
    depths: list[int] = []

    def note(event: str, _: tuple[object, ...]) -> None:
        # The keeper of a trial is asked for by a message with the trial's pipes.
        if event == "socket.sendmsg":
            depths.append(depth(package))

    Path("train.py").write_text(TRAIN, encoding="utf-8")
    Path("trainwreck.toml").write_text(SETTINGS, encoding="utf-8")
    sys.addaudithook(note)
    sys.argv[1:] = COMMAND
    try:
        main()
    except SystemExit as ended:
        if ended.code:
            raise
    return depths


if __name__ == "__main__":
    with TemporaryDirectory() as folder:
        os.chdir(folder)
        os.environ["TRAINWRECK_CACHE"] = str(Path(folder, "cache"))
        output, sys.stdout = sys.stdout, sys.stderr
        print(max(run_tiny_campaign()), file=output)
        os.chdir("/")
