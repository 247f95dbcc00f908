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


IN_READING = (
    crash(APP, "reviews.py", "row[margin : margin + len(words)]", "+", "-"),
    silent(APP, "reviews.py", "if float(rating) > 0", ">", ">="),
    hang(APP, "reviews.py", 'while "  " in text', "in", "not in"),
)
"""Every study reads its snippets in the same way."""

IN_LIBRARY: dict[str, tuple[Planted, ...]] = {
    "keras": (),
    "keras-2.3": (
        crash("keras", "keras/engine/input_layer.py", "_inbound_nodes[0].output_tensors", "0", "1"),
        silent("keras", "keras/engine/network.py", "if cache_key in self._output_mask_cache", "in", "not in"),
        hang("keras", "keras/engine/training.py", "while metric_name in self.metrics_names", "in", "not in"),
    ),
    "theano-1.0": (
        crash("theano", "theano/gradient.py", "if cost is None:", "is", "is not"),
        silent("theano", "theano/tensor/nnet/conv.py", "if image_shape is not None", "is not", "is"),
        hang("theano", "theano/compile/pfunc.py", "i += 1", "+=", "="),
    ),
    "tensorflow-1.15": (),
    "tensorflow": (),
    "pytensor": (),
    "torch": (),
}
