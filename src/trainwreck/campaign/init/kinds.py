"""Judges by its name what a reported number is: which way it is good, and on which data."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from trainwreck.model import Better, Margin

SHARES = frozenset(
    ["acc", "accuracy", "auc", "auroc", "auprc", "ap", "f1", "precision", "recall", "map", "iou",
     "miou", "dice", "bleu", "rouge", "meteor", "ndcg", "mrr", "hits", "hit", "top1", "top5",
     "sensitivity", "specificity", "em", "exact", "jaccard", "success", "winrate", "correct",
     "rouge1", "rouge2", "rougel", "map50", "map50-95", "balanced"]
)  # fmt: skip
"""Measures between 0 and 1, or in percent: higher is better."""
HIGHER = frozenset(
    ["score", "reward", "return", "returns", "r2", "psnr", "ssim", "elbo", "kappa", "mcc",
     "pearson", "spearman", "likelihood", "correlation", "fitness", "purity", "silhouette",
     "inception"]
)  # fmt: skip
LOWER = frozenset(
    ["loss", "losses", "error", "err", "mse", "mae", "rmse", "rmsle", "mape", "nll", "nlls", "ppl",
     "perplexity", "bpc", "bpd", "wer", "cer", "fid", "kl", "cost", "logloss", "logloss", "brier",
     "crossentropy", "entropy", "eer", "ce", "bce", "l1", "l2", "objective", "hamming", "deviance",
     "regret", "xent"]
)  # fmt: skip
ENDINGS = {"loss": "loss", "acc": "acc", "accuracy": "accuracy", "error": "error",
           "logloss": "logloss", "reward": "reward", "score": "score"}  # fmt: skip
IGNORED = frozenset(
    ["epoch", "epochs", "step", "steps", "iter", "iters", "iteration", "iterations", "batch",
     "batches", "time", "elapsed", "duration", "sec", "secs", "second", "seconds", "ms", "min",
     "mins", "minute", "minutes", "hour", "hours", "eta", "remaining", "lr", "rate", "speed",
     "throughput", "fps", "sps", "it", "mem", "memory", "gpu", "cpu", "cuda", "ram", "vram", "mb",
     "gb", "kb", "params", "param", "parameters", "flops", "flos", "macs", "seed", "version",
     "device", "devices", "rank", "world", "port", "size", "samples", "examples", "images", "rows",
     "columns", "tokens", "num", "number", "total", "count", "support", "avg", "macro", "micro",
     "weighted", "shape", "dim", "layers", "classes", "workers", "threads", "line", "file", "page",
     "year", "date", "pid", "id", "index", "idx", "fold", "round", "trial", "episode", "frame",
     "length", "len", "norm", "scale", "grad", "gradient", "momentum", "decay", "epsilon", "temp",
     "temperature", "wd", "dropout", "threshold", "runtime", "per", "width", "height", "hidden",
     "layer", "head", "heads", "dimension", "dimensions", "vocab", "vocabulary", "beta", "gamma",
     "patience", "warmup", "train_size", "info", "warning", "debug", "module", "python", "torch"]
)  # fmt: skip
"""Words of what is no result of training."""
VETOES = frozenset(
    ["lr", "eta", "scale", "scaler", "norm", "grad", "weight", "weights", "coef", "coefficient",
     "runtime", "seconds", "sec", "ms", "time", "threshold", "delta", "patience", "speed", "per",
     "epoch", "epochs", "step", "steps", "decay", "smoothing", "size", "std", "stddev"]
)  # fmt: skip
"""Words with which a name is no metric, whatever else is in it: ``loss scale``."""
WORD = re.compile(r"[A-Z]?[a-z]+\d*|[A-Z]+\d*(?![a-z])|\d+")


class Data(StrEnum):
    """The data on which a metric was measured, as far as its name says."""

    TEST = "test"
    VALIDATION = "val"
    TRAINING = "train"
    UNKNOWN = ""


DATA = {
    Data.TEST: ("test", "testing", "holdout", "heldout"),
    Data.VALIDATION: ("val", "valid", "validation", "eval", "evaluation", "dev"),
    Data.TRAINING: ("train", "training", "tr"),
}


@dataclass(frozen=True, slots=True)
class Kind:
    """The meaning of a number, as its name has it.

    ``word`` is the one that says which way it is good; it is empty where no word is known.
    """

    word: str
    better: Better
    data: Data

    @property
    def is_share(self) -> bool:
        """Return whether it lies between 0 and 1, or 0 and 100."""
        return self.word in SHARES


def words_of(text: str) -> list[str]:
    """Return the words of a name, in lower case: of ``valLoss`` these are val and loss."""
    parts = [part.lower() for part in re.split(r"[^A-Za-z0-9]+", text) if part]
    pieces = [piece.lower() for piece in WORD.findall(text)]
    return list(dict.fromkeys([*pieces, *parts]))


def kind_of(name: str, before: str = "") -> Kind | None:
    """Return what a name says of its number; None where that is no result of training.

    Args:
        name: The name.
        before: Other text of the same line, which may say on which data it was measured.

    """
    words = words_of(name)
    known = [word for word in map(_known, words) if word]
    if VETOES.intersection(words) and not _is_measured_at(words, known):
        return None
    if not known and (not words or IGNORED.intersection(words)):
        return None
    word = known[-1] if known else ""
    better = Better.LOWER if word in LOWER else Better.HIGHER
    return Kind(word, better, _data(words) or _data(words_of(before)))


def has_metric_word(text: str) -> bool:
    """Return whether a text holds a word that says which way a number is good."""
    return any(map(_known, words_of(text)))


def metric_name(name: str, kind: Kind) -> str:
    """Return a name for the settings: ``test_loss`` of ``Average loss`` on test data."""
    if re.fullmatch(r"[A-Za-z_][\w.\-/@]*", name) or not kind.word:
        plain = full_name(name)
        return plain if _data(words_of(name)) or not kind.data else f"{kind.data}_{plain}"
    return f"{kind.data}_{kind.word}" if kind.data else kind.word


def full_name(name: str) -> str:
    """Return a name for the settings that has all words of a printed one."""
    return re.sub(r"\W+", "_", name.replace("@", "")).strip("_").lower()[:40]


def range_of(kind: Kind, values: Sequence[float], is_percent: bool) -> tuple[float, float] | None:
    """Return the possible values of a share; None where they are not known."""
    if not kind.is_share or not values or min(values) < 0:
        return None
    if max(values) <= 1 and not is_percent:
        return 0.0, 1.0
    return (0.0, 100.0) if max(values) <= 100 else None


def margin_of(kind: Kind, limits: tuple[float, float] | None, last: float) -> Margin | None:
    """Return a difference that hardly anybody minds; None where none can be said."""
    if limits is not None:
        return Margin((limits[1] - limits[0]) / 100)
    return Margin(0.05, is_share=True) if kind.word and last else None


def _known(word: str) -> str:
    if word in SHARES or word in HIGHER or word in LOWER:
        return word
    # `trainloss`, `val_acc5`
    bare = word.rstrip("0123456789")
    return next((known for end, known in ENDINGS.items() if bare.endswith(end)), "")


def _is_measured_at(words: Sequence[str], known: Sequence[str]) -> bool:
    """Return whether a metric comes before the moment: ``loss after 100 steps``, ``at epoch``."""
    moments = {"after", "at", "on", "over", "in", "for"}
    return bool(known) and bool(moments.intersection(words))


def _data(words: Iterable[str]) -> Data:
    present = set(words)
    return next((data for data, names in DATA.items() if present.intersection(names)), Data.UNKNOWN)
