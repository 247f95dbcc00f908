"""Trains a number; other programs of this folder start it in their own ways."""

import os
import sys

from steps import moved

# phase: constructing
rate = 0.5
weight = 1.0
if os.environ.get("FAIL_RANK", "-") == os.environ.get("RANK", ""):
    raise ValueError("the root cause")
# phase: learning
for _ in range(3):
    weight = moved(weight, rate)
    print("loss:", weight + float(os.environ.get("RANK", 0)), flush=True)
if "--fail" in sys.argv:
    raise ValueError("the root cause")
