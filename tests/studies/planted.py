"""Known bugs for every study: one that crashes, one that is silent and one that hangs, twice."""

from dataclasses import dataclass

from trainwreck.model import APP, Symptom


@dataclass(frozen=True, slots=True)
class Planted:
    """A bug by its place: the file, part of the line, what is replaced by what."""

    root: str
    file: str
    line: str
    original: str
    replacement: str
    symptom: Symptom


def crash(root: str, file: str, line: str, original: str, replacement: str) -> Planted:
    return Planted(root, file, line, original, replacement, Symptom.CRASH)


def silent(root: str, file: str, line: str, original: str, replacement: str) -> Planted:
    return Planted(root, file, line, original, replacement, Symptom.NORMAL)


def hang(root: str, file: str, line: str, original: str, replacement: str) -> Planted:
    return Planted(root, file, line, original, replacement, Symptom.HANG)


KERAS_DROPOUT = "keras/src/layers/regularization/dropout.py"
KERAS_2 = "keras/engine"

IN_READING = (
    crash(APP, "reviews.py", "row[margin : margin + len(words)]", "+", "-"),
    silent(APP, "reviews.py", "if float(rating) > 0", ">", ">="),
    hang(APP, "reviews.py", 'while "  " in text', "in", "not in"),
)
"""Every study reads its snippets in the same way."""

GENSIM = hang("gensim", "gensim/models/word2vec.py", "unfinished_worker_count -= 1", "-=", "+=")
"""Keras 3 and PyTorch run next to no loop that could hang; their programs' other library does."""


def in_tensorflow(root: str) -> tuple[Planted, ...]:
    """The same places in version 1.15, whose library is called ``tensorflow_core``, and in 2."""
    scopes, locks = f"{root}/python/ops/variable_scope.py", f"{root}/python/util/lock_util.py"
    return (
        crash(root, scopes, "variable_scope_count(name + (", "%", "/"),
        silent(root, locks, "self._group_member_counts[group_id] += 1", "+=", "="),
        hang(root, locks, "self._group_member_counts[group_id] -= 1", "-=", "="),
    )


IN_LIBRARY: dict[str, tuple[Planted, ...]] = {
    "keras": (
        crash("keras", KERAS_DROPOUT, "if not 0 <= rate <= 1", "not ", ""),
        silent("keras", KERAS_DROPOUT, "if not 0 <= rate <= 1", "<=", "<"),
        GENSIM,
    ),
    "keras-2.3": (
        crash("keras", f"{KERAS_2}/input_layer.py", "_inbound_nodes[0].output", "0", "1"),
        silent("keras", f"{KERAS_2}/network.py", "if cache_key in self._output", "in", "not in"),
        hang("keras", f"{KERAS_2}/training.py", "while metric_name in self.", "in", "not in"),
    ),
    "tensorflow": in_tensorflow("tensorflow"),
    "tensorflow-1.15": in_tensorflow("tensorflow_core"),
    "theano-1.0": (
        crash("theano", "theano/gradient.py", "if cost is None:", "is", "is not"),
        silent("theano", "theano/tensor/nnet/conv.py", "if image_shape is not", "is not", "is"),
        hang("theano", "theano/compile/pfunc.py", "i += 1", "+=", "="),
    ),
    "pytensor": (
        crash("pytensor", "pytensor/gradient.py", "if cost is None:", "is", "is not"),
        silent("pytensor", "pytensor/tensor/rewriting/blas.py", "nb_iter += 1", "+=", "="),
        hang("pytensor", "pytensor/compile/rebuild.py", "i += 1", "+=", "="),
    ),
    "torch": (
        crash("torch", "torch/nn/modules/conv.py", "if in_channels % groups != 0", "!=", "=="),
        silent("torch", "torch/optim/adadelta.py", "if not 0.0 <= lr:", "<=", "<"),
        GENSIM,
    ),
}
