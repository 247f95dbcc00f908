"""Starts the training from a shell, and ends with its status."""

import subprocess
import sys

sys.exit(subprocess.call(["sh", "-c", f"{sys.executable} train.py {' '.join(sys.argv[1:])}"]))
