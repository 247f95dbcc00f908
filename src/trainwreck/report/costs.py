"""The cost of runs in words, before they are made."""

from dataclasses import dataclass
from math import ceil

from trainwreck.report.words import counted, duration, joined


def clean_cost(runs: int, seconds: float, jobs: int) -> str:
    """Say what clean runs will cost.

    Args:
        runs: number of runs to come.
        seconds: wall-clock time of one.
        jobs: number of runs at a time.

    """
    if runs == 1:
        return f"1 clean run of about {duration(seconds)}."
    total = duration(ceil(runs / jobs) * seconds)
    return (
        f"{counted(runs, 'clean run')} of about {duration(seconds)} each: about {total} in all, "
        f"{_pace(jobs)}."
    )


def _pace(jobs: int) -> str:
    return "one after the other" if jobs == 1 else f"{jobs} at a time"


@dataclass(frozen=True, slots=True)
class ToCome:
    """The runs that a campaign may still make, once its first clean run has been measured.

    - ``clean`` is the number of clean runs that come next.
    - ``mutants`` is the number of mutants, None where it is not known yet.
    - ``clean_later`` are clean runs with other seeds, made once a mutant changes the result.
    - ``seeds_later`` is the number of further runs of each such mutant, at most.
    """

    clean: int
    mutants: int | None = None
    clean_later: int = 0
    seeds_later: int = 0


def campaign_cost(come: ToCome, seconds: float, jobs: int) -> str:
    """Say what a campaign will cost, as far as that is known after its first clean run.

    Args:
        come: The runs to come.
        seconds: wall-clock time of a clean run.
        jobs: number of runs at a time.

    """
    if come.mutants is None:
        return _baseline_cost(come, seconds, jobs)
    first = come.clean + come.mutants
    more = come.clean_later + come.mutants * come.seeds_later if come.clean_later else 0
    least, most = (duration(ceil(runs / jobs) * seconds) for runs in (first, first + more))
    work = [counted(come.clean, "clean run"), counted(come.mutants, "mutant")]
    if not more:
        return f"about {least}, {_pace(jobs)}: {joined(work)}."
    others = counted(come.clean_later, "clean run")
    return (
        f"about {least} to {most}, {_pace(jobs)}: {', '.join(work)}, up to {more:,} more where "
        f"mutants change the result ({others} with other seeds, and up to "
        f"{counted(come.seeds_later, 'further run')} of each such mutant). {SHORTER}"
    )


def _baseline_cost(come: ToCome, seconds: float, jobs: int) -> str:
    """Say what clean runs will cost, and what `run` may add."""
    text = clean_cost(come.clean, seconds, jobs)
    if not come.clean_later:
        return text
    total = duration(ceil(come.clean_later / jobs) * seconds)
    return (
        f"{text} Once a mutant changes the result, `run` makes {come.clean_later:,} more with "
        f"other seeds: about {total}. {SHORTER}"
    )


SHORTER = "Lower `clean` under [trials], or raise `--jobs`, to shorten this."


def doctor_cost(runs: int, seconds: float) -> str:
    """Say what the runs of the doctor will cost beside clean ones, one after the other.

    Args:
        runs: number of runs to come.
        seconds: wall-clock time of the slowest clean run.

    """
    total = duration(runs * seconds)
    return f"The doctor makes about {counted(runs, 'run')} of its own: about {total}."
