"""A training program in miniature: 1 + 1 is not counted."""

from __future__ import annotations

import math

RATE = 1e-3
SIZES = (3, 4, 0x5)
LIMITS: dict[str, float] = {"low": -1.0, "high": +1.0}


class Layer:
    """A layer."""

    trainable = True

    def __init__(self, units, activation=None, rate: float = .5, *, bias=True):
        self.units = units
        self.total = self.count = 0
        if activation is not None:
            self.activation = activation
        elif not bias and rate >= 0.1:
            self.activation = lambda value, slope=0.01: value * slope if value < 0 else value

    @property
    def mean(self):
        return self.total / self.count

    @staticmethod
    def shape(inputs):
        def inner(axis=-1):
            return inputs[axis] // 2 % 7

        return (inputs[0], *inputs[1:], inner())


def fit(layer, batches, epochs=10, verbose=False):
    """Train."""
    seen, loss = set(), math.inf
    for epoch in range(1, epochs + 1):
        while len(seen) < epoch and "end" not in seen:
            seen.add(epoch)
        for batch in (b << 1 for b in batches if b in SIZES or b & 1):
            loss -= RATE * batch
            layer.total += batch
            layer.count += 1
            loss *= 0.9
            loss /= 2
        if (
            verbose
            and loss == 0
        ):
            print(f"epoch {epoch + 1:>{2 * 4}}: {loss!r}", end="" if verbose else "\n")
        try:
            assert loss != loss, "loss is " + str(loss)
        except AssertionError:
            raise ValueError(f"{loss + 1 = }") from None
    with open("log", "a" if True else "w") as log, \
            memoryview(b"ab") as view:
        del view
    return [loss ^ 1 | 2, ~3]


if __name__ == "__main__":
    fit(Layer(8, bias=False), [1, 2]); print(not True)
