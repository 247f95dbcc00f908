"""The use of the seed in words: what clean runs with several seeds show, and what follows."""

from trainwreck.model import SeedUse

ONE_RUN = (
    "Each mutant runs once: it is `changed` where its result differs and `masked` otherwise. "
    "Nothing is tested, and no further seeds run."
)
"""The consequences for a program that ignores the seed."""

_USES = {
    SeedUse.USED: "The program uses the seed",
    SeedUse.IGNORED: "The program does not use the seed",
    SeedUse.UNKNOWN: "It is not known whether the program uses the seed",
}


def seed_use(use: SeedUse, seeds: int) -> str:
    """Say whether the program uses the seed.

    Args:
        use: what clean runs show.
        seeds: number of seeds with which the clean program ran.

    """
    return f"{_USES[use]}: {seed_results(use, seeds)}."


def seed_results(use: SeedUse, seeds: int) -> str:
    """Say what clean runs with several seeds gave; the arguments are those of `seed_use`."""
    match use:
        case SeedUse.IGNORED:
            return f"{seeds} seeds give one result"
        case SeedUse.USED:
            return "other seeds give other results"
    return "only one seed ran" if seeds < 2 else "one seed gives several results"
