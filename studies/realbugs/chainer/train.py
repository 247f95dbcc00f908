"""Trains a network whose gradients are kept small, on the path of a bug that Chainer had."""

import sys

import chainer
import numpy as np
from chainer import functions, links

SEED = int(sys.argv[1])


def rings(size, seed):
    """Return noisy points on two rings, and the ring of each."""
    draw = np.random.RandomState(seed)
    angle, ring = draw.rand(size) * 2 * np.pi, draw.randint(0, 2, size)
    points = np.stack([np.cos(angle), np.sin(angle)], axis=1) * (1 + ring)[:, None]
    return (points + 0.2 * draw.randn(size, 2)).astype("float32"), ring.astype("int32")


class Net(chainer.Chain):
    """A network with one layer of units that saturate."""

    def __init__(self):
        super().__init__()
        with self.init_scope():
            self.first, self.last = links.Linear(2, 16), links.Linear(16, 2)

    def forward(self, x):
        """Return the scores."""
        return self.last(1.0 - 2.0 / (1.0 + functions.exp(2.0 * self.first(x))))


np.random.seed(SEED)
x_test, y_test = rings(300, 1)
x_all, y_all = rings(400, 0)
model = Net()
optimizer = chainer.optimizers.Adam(0.03).setup(model)
for epoch in range(8):
    order = np.random.permutation(len(x_all))
    for batch in np.split(order, 10):
        x = chainer.Variable(x_all[batch])
        loss = functions.softmax_cross_entropy(model(x), y_all[batch], enable_double_backprop=True)
        (slope,) = chainer.grad([loss], [x], enable_double_backprop=True)
        model.cleargrads()
        (loss + functions.sum(slope**2)).backward()
        optimizer.update()
    with chainer.no_backprop_mode():
        loss = functions.softmax_cross_entropy(model(x_test), y_test)
    print(f"penalty: epoch {epoch} loss {float(loss.array):.6f}")
