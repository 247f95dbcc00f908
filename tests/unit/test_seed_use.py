"""Whether a program uses the seed, by made-up clean runs."""

from collections.abc import Iterable
from dataclasses import replace

import pytest

from trainwreck.judge.baseline_evidence import DeterminismCheck
from trainwreck.judge.seed_use import FEW_SEEDS, MANY_SEEDS, seed_use, seeds_to_ask
from trainwreck.model import Draw, Ending, Exit, Measurement, Outcome, SeedUse
from trainwreck.report.seeds import seed_use as in_words

FINE = Exit(Ending.EXITED, 0)
REPEATS = DeterminismCheck(0, 3, frozenset("a"), 2)


def clean(digests: str) -> list[Measurement]:
    """Return one clean run for each letter, which is the digest of its seed."""
    return [
        Measurement(None, Draw(seed), FINE, {"loss": float(ord(digest))}, 1.0, 1.0, True, digest)
        for seed, digest in enumerate(digests)
    ]


def outcome(values: Iterable[str], parameters: str | None = None) -> Outcome:
    return Outcome("t", FINE, 1.0, 1.0, 1, 0, {"loss": tuple(values)}, parameters, None, (), False)


@pytest.mark.parametrize(
    ("digests", "use"),
    [
        ("aaa", SeedUse.IGNORED),
        ("aab", SeedUse.USED),
        ("ab", SeedUse.USED),
        ("a", SeedUse.UNKNOWN),
    ],
)
def test_seeds_that_end_alike_are_ignored(digests: str, use: SeedUse) -> None:
    assert seed_use(clean(digests), REPEATS) is use


def test_results_that_one_seed_has_as_well_say_nothing_of_the_seed() -> None:
    """With two results of one seed, another seed's is one of them by chance."""
    several = replace(REPEATS, runs=6, digests=frozenset("ab"))
    assert seed_use(clean("abab"), several) is SeedUse.UNKNOWN
    assert seed_use(clean("abac"), several) is SeedUse.USED


def test_a_program_that_never_repeats_says_nothing_of_the_seed() -> None:
    never = replace(REPEATS, digests=frozenset("abc"))
    assert seed_use(clean("ade"), never) is SeedUse.UNKNOWN


def test_few_printed_values_ask_for_more_seeds_than_parameters() -> None:
    assert seeds_to_ask(outcome(["0.9667"])) == MANY_SEEDS
    assert seeds_to_ask(outcome(["1", "1", "1", "1", "1", "1"])) == MANY_SEEDS
    assert seeds_to_ask(outcome(["0.5", "0.4", "0.3", "0.2", "0.1"])) == FEW_SEEDS
    assert seeds_to_ask(outcome(["0.9667"], parameters="p")) == FEW_SEEDS


def test_every_use_has_its_words() -> None:
    words = [in_words(use, 3) for use in SeedUse] + [in_words(SeedUse.UNKNOWN, 1)]
    assert len(set(words)) == 4
    assert in_words(SeedUse.IGNORED, 3).endswith("does not use the seed: 3 seeds give one result.")
