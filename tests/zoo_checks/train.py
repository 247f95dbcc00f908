"""A training of a fraction of a second, with a watcher inside."""

import sys

from model import fit

LIMIT = float("3")

for number, loss in enumerate(fit(int(sys.argv[-1]))):
    print("trainwreck: loss=%r" % loss)
    if loss > LIMIT:
        print("trainwreck-check: large-loss fired %d" % number)
