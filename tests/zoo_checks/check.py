"""A check as people write it: a short training must end where it always did."""

import sys

from model import fit

losses = list(fit(0))
print(losses)
sys.exit(losses[-1:] != [0.125])
