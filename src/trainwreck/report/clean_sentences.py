"""Says what is compared with clean runs, how these end, and how a result compares with theirs."""

from collections.abc import Sequence

from trainwreck.model import (
    VALUES_ALONE,
    CleanEndings,
    Covered,
    DigestComparison,
    DigestCovers,
    Part,
)
from trainwreck.report.words import all_of, counted, joined, sentence

MOST_NAMED = 3
"""A sentence names this number of mutants, files or models at most."""


def covers(covered: DigestCovers) -> str:
    """Say what is compared with clean runs, and what that leaves open."""
    sentences = [f"Compared with clean runs: {joined(_compared_parts(covered))}."]
    if covered.parts == VALUES_ALONE:
        sentences.append(
            "A mutant that prints the same is `masked (printed values)`: what it has learnt may "
            "differ. To compare more, name the files that the program writes in `outputs` under "
            "[subject], or print `trainwreck: state=HASH`."
        )
    if covered.unsteady:
        verb = "differs" if len(covered.unsteady) == 1 else "differ"
        sentences.append(
            f"{joined(named(covered.unsteady))} {verb} between clean runs with the same seed, so "
            "no result repeats. Leave out of `outputs` what holds dates or names of folders."
        )
    return " ".join(sentences)


def _compared_parts(covered: DigestCovers) -> list[str]:
    """Return the parts that are compared, each with what is known of it."""
    models = [_model(parameters) for parameters in covered.parameters]
    parts = [f"parameters of {joined(named(models))}"] if models else []
    if not models and not covered.state and Part.PARAMETERS in covered.parts:
        parts = ["final parameters"]
    parts += ["the state that the program prints"] if covered.state else []
    if Part.FILES in covered.parts:
        files = joined(named(covered.files))
        parts.append(f"{counted(len(covered.files), 'written file')} ({files})")
    values = joined(named(covered.metrics))
    return [*parts, f"every printed value of {values}" if values else "printed values"]


def _model(parameters: Covered) -> str:
    name = f"{parameters.models:,} {parameters.what}" if parameters.models > 1 else parameters.what
    apiece = " each" if parameters.models > 1 else ""
    arrays = counted(parameters.arrays, "array")
    return f"{name} ({arrays}{apiece})" if parameters.arrays else name


def comparison(compared: DigestComparison) -> str:
    """Say how the result of a run compares with those of clean runs."""
    clean = compared.clean
    if not clean.repeats:
        return f"The result cannot be compared. {clean_endings(clean)}"
    runs = all_of(clean.runs, "clean run")
    if compared.is_clean and clean.digests == 1:
        return f"The result is that of {runs}."
    if compared.is_clean:
        return f"The result is one of {clean.digests} that {runs} have."
    return f"{sentence(difference(clean))} {outlook(clean)}"


def difference(clean: CleanEndings) -> str:
    """Say that a result is that of no clean run."""
    agree = "which agree with each other"
    if clean.digests > 1:
        agree = f"which have {clean.digests} different results"
    return f"the result differs from {all_of(clean.runs, 'clean run')}, {agree}"


def clean_endings(clean: CleanEndings) -> str:
    """Say how many different results the clean runs of one seed have."""
    if clean.runs < 2:
        return f"There is {'only 1' if clean.runs else 'no'} clean run."
    if not clean.repeats:
        return f"No two of {clean.runs} clean runs agree."
    if clean.digests == 1:
        return sentence(f"{all_of(clean.runs, 'clean run')} agree")
    return f"{clean.runs} clean runs have {clean.digests} different results."


def outlook(clean: CleanEndings) -> str:
    """Say how likely another clean run has a result that none had before."""
    if clean.chance_of_unseen < 1:
        bound = f"is below {clean.chance_of_unseen:.2f} (95 % confidence)"
    else:
        bound = "is not bounded"
    return f"The chance that the next clean run has a new result {bound}."


def named(names: Sequence[str]) -> list[str]:
    """Return the first names, and how many more there are."""
    more = len(names) - MOST_NAMED
    return [*names[:MOST_NAMED], *([f"{more} more"] if more > 0 else [])]
