"""The example programs, as the independent planter runs them."""

import tomllib
from dataclasses import replace
from pathlib import Path

from planter import Program

EXAMPLES = Path(__file__).parents[2] / "examples"
SEED = "0"
LEAVES = "np.concatenate([np.ravel(leaf) for leaf in jax.tree.leaves({})])"
"""All parameters of a tree as one array."""


def _program(name: str, *patterns: str, **options: object) -> Program:
    settings = tomllib.loads((EXAMPLES / name / "trainwreck.toml").read_text())["subject"]
    command = tuple(word.replace("{seed}", SEED) for word in settings["command"])
    program = Program(EXAMPLES / name, command, Path(), settings.get("env", {}), patterns)
    return replace(program, **options)  # type: ignore[arg-type]


def example_programs() -> dict[str, Program]:
    """Every example by its folder; the interpreter is set by the caller."""
    return {
        "torch-workers": _program(
            "torch-workers",
            r"Accuracy: \d+/\d+ \((\S+)%\)",
            r"Average loss: (\S+),",
            files=("checkpoints/last.pt",),
        ),
        "torch-ranks": _program("torch-ranks", r"loss (\S+)$", files=("snapshot.pt",)),
        "transformers": _program(
            "transformers", r"'eval_accuracy': '?([0-9.]+)", files=("out/model.safetensors",)
        ),
        "lightning": _program(
            "lightning",
            files=("logs/waves/version_0/metrics.csv", "final.pt"),
            anchor="trainer.fit(",
            added="import torch; torch.save(trainer.model.state_dict(), 'final.pt')",
        ),
        "keras-jax": _program(
            "keras-jax",
            r"Test accuracy: (\S+)",
            r"val_loss: (\S+)",
            files=("final.npz",),
            anchor='print("Test accuracy:"',
            added="np.savez('final.npz', *model.get_weights())",
            seeded=True,
        ),
        "optax": _program(
            "optax",
            r"test accuracy (\S+)",
            r"loss (\S+)",
            files=("final.npy",),
            anchor="order = np.random.RandomState",
            added="import atexit; atexit.register("
            f"lambda: np.save('final.npy', {LEAVES.format('params')}))",
            seeded=True,
        ),
        "flax": _program(
            "flax",
            r"loss: (\S+)",
            files=("final.npy",),
            main="02_lifted_transforms.py",
            anchor="print('times called:'",
            added=f"np.save('final.npy', {LEAVES.format('nnx.state(model)')})",
            seeded=True,
        ),
        "digits": _program(
            "digits",
            r"accuracy\s+(\S+)",
            files=("final.pkl",),
            main="plot_digits_classification.py",
            anchor="clf.fit(X_train, y_train)",
            added="import pickle; pickle.dump(clf, open('final.pkl', 'wb'))",
            seeded=True,
        ),
        "perceptrons": _program(
            "perceptrons",
            r"Training set score: (\S+)",
            r"Training set loss: (\S+)",
            files=("final*.pkl",),
            main="plot_mlp_training_curves.py",
            anchor='print("Training set loss: %f"',
            added="import pickle; "
            "pickle.dump(mlp, open('final%s%s.pkl' % (name, label[:22]), 'wb'))",
            seeded=True,
        ),
        "lightgbm": _program(
            "lightgbm",
            r"accuracy (\S+)",
            files=("metrics.jsonl", "model.pkl", "final.txt"),
            anchor='print("best iteration"',
            added="booster.save_model('final.txt')",
            seeded=True,
        ),
        "names": _program(
            "names",
            r"test loss: (\S+)",
            files=("final.pt",),
            main="names/__main__.py",
            anchor="    sample(model, 4,",
            added="torch.save(model.state_dict(), 'final.pt')",
        ),
    }
