"""One line for each way a run can end; the fate behind a line is that of its mutant."""

import itertools
import os
import signal
import subprocess
import sys

SHORT = True  # fate: BVR hang
BOUNDED = True  # fate: BVR hang
SMALL = True  # fate: BVR crash
QUIET = True  # fate: BVR hang
SOUND = True  # fate: BVR crash
TALKS = True  # fate: BVR crash
ALONE = True  # fate: BVR hang
UNUSED = 1 if SHORT else 2  # fate: NVR masked


def prepare(limit=10):
    step = 0
    while step < limit:
        step += 1  # fate: AsOR hang
    count = 0
    while count < 3 and SHORT:
        count += 1
    while not SHORT:
        pass
    return sum(itertools.repeat(0, 5) if BOUNDED else itertools.repeat(0))


def construct(model):
    never = SMALL and not SMALL and len(model.weights) + 1  # fate: ArOR unreached
    blocks = [b"x" * (1 << 20) for _ in range(1 if SMALL else 100000)]
    return blocks, never


def learn(model):
    if not QUIET:
        while True:
            sys.stdout.write("x" * 65536 + "\n")
    if not SOUND:
        os.kill(os.getpid(), signal.SIGSEGV)
    if not TALKS:
        os._exit(3)
    if not ALONE:
        subprocess.Popen(
            [sys.executable, "-c", "import time; time.sleep(600)"], start_new_session=True
        )
        while True:
            pass
    order = {"a": 1}["a" if model.bias == model.bias else "b"]  # fate: ComOR crash
    return order
