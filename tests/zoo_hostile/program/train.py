"""Trains nothing much; a bug in the line with ACT turns it into one of the hostile programs."""

import os
import sys

import acts
import tinylib

ACT = "nothing"
RATE = 0.5

weight = float(os.environ["TRAINWRECK_SEED"])
with open("letters.bin", "rb") as file:
    letters = len(file.read())
for _ in range(3):
    weight = tinylib.step(weight, RATE)
    print("loss:", round(weight, 6))
with open("result.txt", "w") as file:
    file.write(str(weight))
acts.perform(ACT)
print("accuracy:", letters / (1 << 22))
sys.stdout.flush()
