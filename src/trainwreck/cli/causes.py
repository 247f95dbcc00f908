"""The causes of clean runs that end differently, in words, with the settings that cure them."""

from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import PurePath

from trainwreck.campaign.causes import Causes, SourceCall
from trainwreck.model import Frame
from trainwreck.report.words import counted, joined, times

MOST = 3
"""The most calls of one kind that are shown."""
INSTALLED = ("site-packages", "dist-packages")

CURES = {
    "catboost": "thread_count=1",
    "fasttext": "thread=1",
    "gensim": "workers=1",
    "implicit": "num_threads=1",
    "joblib": "n_jobs=1",
    "lightgbm": "num_threads=1, deterministic=True, force_row_wise=True",
    "sklearn": "n_jobs=1",
    "tensorflow": "tf.config.experimental.enable_op_determinism()",
    "torch": "torch.use_deterministic_algorithms(True), and num_workers=0 in data loaders",
    "umap": "random_state=…",
    "xgboost": "nthread=1",
}
"""The setting with which a library repeats that may work on several threads."""


def causes_in_words(causes: Causes) -> str:
    """Return what may make runs with one seed differ, and what to set."""
    sentences = [
        _listed("No seed reaches", causes.unseeded),
        _listed("The program gives another seed in each run to", causes.changing),
        _listed("Threads of their own run", causes.threads),
        f"Compiled code has {counted(causes.native, 'thread')}." if causes.native else "",
        *_cures(causes),
    ]
    said = " ".join(sentence for sentence in sentences if sentence)
    return said or (
        "two watched runs drew no random number without a seed, and had no threads. The program "
        "may depend on time, on addresses of objects, or on the order of files."
    )


def _listed(begin: str, calls: Sequence[SourceCall]) -> str:
    if not calls:
        return ""
    shown = [_called(call) for call in islice(calls, MOST)]
    if len(calls) > MOST:
        shown.append(f"{len(calls) - MOST} more")
    return f"{begin} {joined(shown)}."


def _called(call: SourceCall) -> str:
    where = ", from ".join(map(_place, call.places))
    often = f" ({times(call.count)})" if call.count > 1 else ""
    return f"`{call.function}` at {where}{often}"


def _place(frame: Frame) -> str:
    """Return file and line, a library's file from the folder of the library on."""
    parts = PurePath(frame.file).parts
    folders = [index for index, part in enumerate(parts) if part in INSTALLED]
    file = PurePath(*parts[folders[-1] + 1 :]) if folders else PurePath(frame.file)
    return f"{file}:{frame.line}"


def _cures(causes: Causes) -> Iterable[str]:
    """Yield a sentence for each library that has a part in the causes."""
    named = {call.function.partition(".")[0] for call in causes.threads}
    named |= {_place(line).partition("/")[0] for call in causes.threads for line in call.places}
    if causes.native:
        named |= set(causes.libraries)
    if causes.changing:
        yield "Make the program take its seed from `{seed}` or TRAINWRECK_SEED."
    for library, cure in CURES.items():
        if library in named:
            yield f"Set `{cure}` for {library}."
