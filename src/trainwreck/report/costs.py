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
    if runs == 1:
        return f"1 clean run{reason} of about {duration(seconds)}."
    total = duration(ceil(runs / jobs) * seconds)
    pace = "one after the other" if jobs == 1 else f"{jobs} at a time"
    return (
        f"{counted(runs, 'clean run')}{reason} of about {duration(seconds)} each: about {total} "
        f"in all, {pace}."
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
        f"{text} Once a mutant changes the result, `run` makes {later:,} more with other seeds: "
        f"about {total}. Lower `clean` under [trials], or raise `--jobs`, to shorten this."
    )


def comparison_cost(runs: int, seconds: float, jobs: int) -> str:
    """Say what the clean runs will cost that propagated mutants are compared with."""
    why = "with other seeds, which propagated mutants are compared with,"
    return f"{clean_cost(runs, seconds, jobs, why)} Lower `clean` under [trials] to shorten this."


def doctor_cost(runs: int, seconds: float) -> str:
    """Say what the runs of the doctor will cost beside clean ones, one after the other.

    Args:
        runs: number of runs to come.
        seconds: wall-clock time of the slowest clean run.

    """
    total = duration(runs * seconds)
    return f"The doctor makes about {counted(runs, 'run')} of its own: about {total}."
