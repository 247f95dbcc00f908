"""Runs `train.py` with all detectors looking on; each says in a line that it raised an alarm.

`python watched OPTIONS OF train.py`. Detectors get copies of the model and of the optimiser, and
random numbers go on where they were: what the training prints stays as it is without detectors.
"""

import os
import sys

sys.path.insert(1, os.getcwd())

import batches  # noqa: E402
import model  # noqa: E402
from detectors import Detectors  # noqa: E402

detectors = Detectors(sys.argv[sys.argv.index("--seed") + 1] == "0")
batches.batches = detectors.recorded(batches.batches)
model.SentenceClassifier.train = detectors.before_epoch(model.SentenceClassifier.train)

import train  # noqa: E402, F401

detectors.after_training()
