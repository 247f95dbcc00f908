"""Starts two ranks; the second one waits for the first, and fails after it."""

import os
import subprocess
import sys

commands = [sys.executable, "train.py", *sys.argv[1:]]
ranks = [
    subprocess.Popen(commands, env=dict(os.environ, RANK=str(rank), WORLD_SIZE="2"))
    for rank in (1, 0)
]
failed = [rank for rank in ranks if rank.wait()]
if failed:
    raise subprocess.CalledProcessError(failed[0].returncode, commands)
