"""The cost of clean runs in words, before they are made."""

from math import ceil

from trainwreck.report.words import counted, duration


def clean_cost(runs: int, seconds: float, jobs: int, why: str = "") -> str:
    """Say what clean runs will cost.

    Args:
        runs: number of runs to come.
        seconds: wall-clock time of one.
        jobs: number of runs at a time.
        why: words for what they are made for.

    """
    reason = f" {why}" if why else ""
    apiece = "" if runs == 1 else " each"
    total = duration(ceil(runs / jobs) * seconds)
    return (
        f"{counted(runs, 'clean run')}{reason} of about {duration(seconds)}{apiece}: {total} "
        f"in all, with {jobs} at once."
    )


def baseline_cost(runs: int, seconds: float, jobs: int, later: int) -> str:
    """Say what the clean runs of a baseline will cost, and what `run` may add.

    Args:
        runs: number of runs to come.
        seconds: wall-clock time of the first clean run.
        jobs: number of runs at a time.
        later: number of clean runs that comparisons need beside these.

    """
    text = clean_cost(runs, seconds, jobs)
    if not later:
        return text
    total = duration(ceil(later / jobs) * seconds)
    return (
        f"{text} Once a mutant propagates, `run` makes {later:,} more with other seeds: about "
        f"{total}. Lower `clean` or raise `--jobs` to make this cheaper."
    )


def comparison_cost(runs: int, seconds: float, jobs: int) -> str:
    """Say what the clean runs will cost that propagated mutants are compared with."""
    why = "with other seeds, which propagated mutants are compared with,"
    return f"{clean_cost(runs, seconds, jobs, why)} Lower `clean` to make this cheaper."


def doctor_cost(runs: int, seconds: float) -> str:
    """Say what the runs of the doctor will cost beside clean ones, one after the other.

    Args:
        runs: number of runs to come.
        seconds: wall-clock time of the slowest clean run.

    """
    total = duration(runs * seconds)
    return f"The doctor makes about {counted(runs, 'run')} of its own: about {total}."
