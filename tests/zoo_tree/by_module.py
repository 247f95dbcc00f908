"""Starts the training as `python -m train`, and prints what it printed."""

import subprocess
import sys

command = [sys.executable, "-m", "train", *sys.argv[1:]]
done = subprocess.run(command, stdout=subprocess.PIPE, text=True)
print(done.stdout)
if done.returncode:
    raise RuntimeError("training failed")
