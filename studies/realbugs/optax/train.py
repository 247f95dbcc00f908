"""Trains a network on two spirals with JAX and Optax, warmed up and then cooled to a tenth."""

import sys

import jax
import jax.numpy as jnp
import numpy as np
import optax

SEED = int(sys.argv[1])


def spirals(size, seed):
    """Return points on two noisy spirals, and the spiral of each."""
    draw = np.random.RandomState(seed)
    angle = np.sqrt(draw.rand(size)) * 1.5 * np.pi
    side = draw.randint(0, 2, size)
    turned = angle + np.pi * side
    points = np.stack([angle * np.cos(turned), angle * np.sin(turned)], axis=1) / 5
    return points + 0.02 * draw.randn(size, 2), side


def initial(sizes):
    """Return weights and biases for layers of these sizes."""
    draw = np.random.RandomState(SEED)
    return [
        (draw.randn(m, n).astype("float32") / np.sqrt(m), np.zeros(n, "float32"))
        for m, n in zip(sizes[:-1], sizes[1:])
    ]


def loss_of(layers, x, y):
    """Return the mean cross entropy of the network."""
    for weights, bias in layers[:-1]:
        x = jnp.tanh(x @ weights + bias)
    weights, bias = layers[-1]
    scores = (x @ weights + bias).squeeze(-1)
    return optax.sigmoid_binary_cross_entropy(scores, y).mean()


x, y = spirals(600, 0)
x_test, y_test = spirals(300, 1)
layers = initial([2, 32, 32, 1])
schedule = optax.warmup_cosine_decay_schedule(0.0, 0.05, 20, 200, end_value=0.005)
optimizer = optax.adam(schedule)
state = optimizer.init(layers)


@jax.jit
def step(layers, state, x, y):
    grads = jax.grad(loss_of)(layers, x, y)
    updates, state = optimizer.update(grads, state)
    return optax.apply_updates(layers, updates), state


order = np.random.RandomState(SEED)
for epoch in range(20):
    for batch in np.array_split(order.permutation(len(x)), 10):
        layers, state = step(layers, state, x[batch], y[batch])
    print(f"epoch {epoch} loss {loss_of(layers, x_test, y_test):.6f}")
