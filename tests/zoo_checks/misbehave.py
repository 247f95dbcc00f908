"""Checks that are of no use, each in its own way."""

import sys
import time
from pathlib import Path

act, seed = sys.argv[1:]
if act == "fail":
    print("1 failed, as always")
    sys.exit(1)
if act == "flake":
    sys.exit(int(seed) % 3 == 1)
if act == "hang":
    time.sleep(600)
if act == "need":
    import a_package_that_is_nowhere  # noqa: F401
if act == "write":
    # A second run in the same folder would fail.
    model = Path("model.py")
    sys.exit("changed" in model.read_text() or not model.write_text("changed = 1\n"))
