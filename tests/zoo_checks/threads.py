"""A check whose golden value holds for one thread, as sums of floats do."""

import os
import sys

sys.exit(os.environ["OMP_NUM_THREADS"] != "1")
