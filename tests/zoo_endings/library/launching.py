"""Starts the program in a process of its own, as launchers do; it says in its own way how it died.

``raises`` ends by an exception, as PyTorch's launcher does, and ``leaves`` with the exit code.
"""

import subprocess
import sys

if __name__ == "__main__":
    _, manner, *command = sys.argv
    done = subprocess.run([sys.executable, *command], check=manner == "raises")
    sys.exit(1 if done.returncode else 0)
