"""Classifies two spirals with JAX and Optax; without a seed, the key comes from the clock."""

import sys
import time

import jax
import jax.numpy as jnp
import numpy as np
import optax


def spirals(size, seed):
    generator = np.random.RandomState(seed)
    angles = np.sqrt(generator.rand(size)) * 2.5 * np.pi
    side = generator.randint(0, 2, size)
    turned = angles + np.pi * side
    points = np.stack([angles * np.cos(turned), angles * np.sin(turned)], axis=1) / 8
    return points + generator.randn(size, 2) * 0.02, side


def initial(key, sizes):
    keys = jax.random.split(key, len(sizes) - 1)
    return [
        {"w": jax.random.normal(k, (m, n)) * jnp.sqrt(2 / m), "b": jnp.zeros(n)}
        for k, m, n in zip(keys, sizes[:-1], sizes[1:])
    ]


def predict(params, x):
    for layer in params[:-1]:
        x = jax.nn.tanh(x @ layer["w"] + layer["b"])
    return (x @ params[-1]["w"] + params[-1]["b"]).squeeze(-1)


def loss(params, x, y):
    return optax.sigmoid_binary_cross_entropy(predict(params, x), y).mean()


def accuracy(params, x, y):
    return ((predict(params, x) > 0) == (y == 1)).mean()


def main():
    x, y = spirals(600, 0)
    x_test, y_test = spirals(300, 1)
    seed = int(sys.argv[1]) if len(sys.argv) > 1 else int(time.time())
    params = initial(jax.random.key(seed), [2, 32, 32, 1])
    schedule = optax.warmup_cosine_decay_schedule(0.0, 0.05, 40, 400)
    optimizer = optax.chain(optax.clip_by_global_norm(1.0), optax.adamw(schedule, weight_decay=1e-4))
    state = optimizer.init(params)

    @jax.jit
    def step(params, state, x, y):
        grads = jax.grad(loss)(params, x, y)
        updates, state = optimizer.update(grads, state, params)
        return optax.apply_updates(params, updates), state

    order = np.random.RandomState(2)
    for epoch in range(1, 41):
        for batch in np.array_split(order.permutation(len(x)), 10):
            params, state = step(params, state, x[batch], y[batch])
        if epoch % 5 == 0:
            print(f"epoch {epoch}  loss {loss(params, x, y):.5f}  test accuracy {accuracy(params, x_test, y_test):.4f}")


if __name__ == "__main__":
    main()
