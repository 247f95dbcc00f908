"""A small training program that calls each act of the zoo once, as its clean self.

A comment on a line of ``hangs.py`` and ``slow.py`` names the operator whose first mutant there
makes the act hang, or makes it slow.
"""

import quiet_module  # noqa: F401 - its import is an act.
import slow

# phase: preprocessing
import hangs

EPOCHS = 5
TURNS = 400_000


def prepare():
    return [0.5 + (number * 7919 % 101) / 101 for number in range(TURNS // 4)]


def train(values, epoch):
    total = 0.0
    for number in range(TURNS):
        total += values[number % len(values)] * 0.5
    return total / (TURNS * (epoch + 1))


def run(acts):
    for act in acts:
        act()


values = prepare()
run(hangs.BEFORE)
run(slow.BEFORE)
# phase: learning
for epoch in range(EPOCHS):
    print(f"epoch {epoch}: loss {train(values, epoch):.6f}", flush=True)
run(hangs.DURING)
run(slow.DURING)
# phase: saving
with open("model.txt", "w", encoding="ascii") as file:
    file.write(repr(values[:100]))
slow.save()
