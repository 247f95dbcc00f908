"""Trains parameters of 128 MB with Optax in a compiled step, or a model of that size with NNX.

With NNX only the head is trained, so that no gradient hides what reading the model takes.
"""

import sys

import jax
import jax.numpy as jnp
import optax

ROWS, WIDTH = 500_000, 64


def with_optax():
    parameters = {"rows": jnp.full((ROWS, WIDTH), 0.5), "head": jnp.full((WIDTH, 1), 0.1)}
    optimiser = optax.sgd(0.1)
    state = optimiser.init(parameters)

    def loss_of(parameters, rows):
        return ((parameters["rows"][rows] @ parameters["head"]) ** 2).mean()

    def step(parameters, state, rows):
        loss, gradients = jax.value_and_grad(loss_of)(parameters, rows)
        updates, state = optimiser.update(gradients, state, parameters)
        return optax.apply_updates(parameters, updates), state, loss

    compiled = jax.jit(step, donate_argnums=(0, 1))
    for number in range(3):
        rows = jnp.arange(number, ROWS, 5_000)
        parameters, state, loss = compiled(parameters, state, rows)
        print("loss:", float(loss), flush=True)


def with_nnx():
    from flax import nnx

    class Model(nnx.Module):
        def __init__(self, rngs):
            self.rows = nnx.Embed(ROWS, WIDTH, embedding_init=nnx.initializers.ones, rngs=rngs)
            self.head = nnx.Linear(WIDTH, 1, rngs=rngs)

        def __call__(self, rows):
            return self.head(self.rows(rows))

    model = Model(nnx.Rngs(1))
    trained = nnx.PathContains("head")
    optimiser = nnx.Optimizer(model, optax.sgd(0.1), wrt=trained)
    gradients_of = nnx.value_and_grad(
        lambda model, rows: (model(rows) ** 2).mean(), argnums=nnx.DiffState(0, trained)
    )

    @nnx.jit
    def step(model, optimiser, rows):
        loss, gradients = gradients_of(model, rows)
        optimiser.update(model, gradients)
        return loss

    for number in range(3):
        loss = step(model, optimiser, jnp.arange(number, ROWS, 5_000))
        print("loss:", float(loss), flush=True)


with_nnx() if sys.argv[1] == "nnx" else with_optax()
