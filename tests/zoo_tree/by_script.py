"""Starts the training as `python train.py`, and fails with it."""

import subprocess
import sys

subprocess.run([sys.executable, "-u", "train.py", *sys.argv[1:]], check=True)
