"""The process that was taken for the program's, in words."""

from trainwreck.model import ChosenProcess
from trainwreck.report.words import joined

REASONS = {"metrics": "reports metrics", "models": "has models", "phases": "enters phases"}


def process_words(process: ChosenProcess | None) -> str:
    """Name the process, and say why it was taken for the program's."""
    if process is None:
        return "the first one"
    rank = f" (rank {process.rank} of {process.ranks})" if process.ranks > 1 else ""
    name = process.chosen or f"a process of kind {process.kind}"
    reasons = [REASONS[reason] for reason in process.why if reason in REASONS]
    why = joined(reasons) or "runs a file of the program"
    return f"{name}{rank}, which {why} (of {process.python} with Python)"
