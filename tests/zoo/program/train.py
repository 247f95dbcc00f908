"""A training of a fraction of a second, with a way to every fate."""

import argparse

import toylib
from notes import write_notes
from toylib import fates, readers, workers

options = argparse.ArgumentParser()
options.add_argument("--seed", type=int)
options = options.parse_args()

# phase: preprocessing
rows = toylib.make_rows(40, options.seed)  # fate: NVR propagated
write_notes(rows)
fates.prepare()

# phase: constructing
model = toylib.Model(size=2)
fates.construct(model)

# phase: learning
for epoch in range(3):
    loss = toylib.fit(model, rows, rate=0.5)  # fate: NVR propagated
    print("epoch", epoch, "accuracy:", toylib.accuracy(model, rows))
    print("trainwreck: loss=%r" % loss)
fates.learn(model)
workers.count_in_workers()
readers.read_own_source()
