"""Starts the training as `python -m train`, and prints what it printed."""

import subprocess
import sys

command = [sys.executable, "-m", "train", *sys.argv[1:]]
done = subprocess.run(command, stdout=subprocess.PIPE)
print(done.stdout.decode())
if done.returncode:
    raise RuntimeError("training failed")
