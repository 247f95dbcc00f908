"""A small program that is the same on every machine: fits a line to twelve points."""

import os
import sys

from line import Line, fit

seed = int(os.environ["TRAINWRECK_SEED"])
points = [(x / 12, 3 * x / 12 + 1 + ((x * 7 + seed) % 5 - 2) / 50) for x in range(12)]
line = Line(slope=0.0, height=0.0)
for _ in range(3):
    loss = fit(line, points, rate=0.4)
    print("loss:", round(loss, 9))
    if loss > 1e6:
        sys.exit("it diverges")
checked = [point for point in points if abs(line.at(point[0]) - point[1]) < 0.75]
print("accuracy:", round(len(checked) / len(points), 6))
