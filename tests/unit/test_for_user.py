"""The summary for a user: which bugs go unnoticed, which hurt, and in what order they come."""

from dataclasses import replace
from typing import Any

import pytest

from trainwreck.findings import Fate, fate_of
from trainwreck.model import (
    Compared,
    Context,
    Draw,
    Impact,
    Judged,
    Part,
    Rule,
    Rung,
    Sample,
)
from user_bugs import INFECTED, PERHAPS, bug, run, summed


def silent(*judged: Judged, **known: Any) -> list[str]:
    """The anchors of the silent bugs in their order."""
    return [ranked.item.mutant.anchor for ranked in summed(*judged, **known).silent]


def test_every_bug_has_one_fate_and_fates_add_up() -> None:
    judged = [
        bug("a", Rung.UNREACHED),
        bug("b", Rung.UNINFECTED),
        bug("c", parts=(Part.VALUES,)),
        bug("d", Rung.PROPAGATED, Impact.DEGRADED),
        bug("e", Rung.PROPAGATED, Impact.EQUIVALENT, Impact.SLOWER),
        bug("f", Rung.PROPAGATED, Impact.UNDECIDED),
        bug("g", Rung.PROPAGATED),
        bug("h", Rung.PROPAGATED, Impact.EQUIVALENT, Impact.FASTER),
        bug("i", Rung.CRASH),
        bug("j", Rung.HANG),
        bug("k", None),
    ]
    lost = bug("l")
    judged.append(replace(lost, verdict=replace(lost.verdict, symptom=None, rung=None)))
    summary = summed(*judged)
    numbers = {fate: portion.number for fate, portion in summary.fates.items()}
    assert numbers == {
        Fate.UNNOTICED: 3,
        Fate.HURTS: 2,
        Fate.MAY_HURT: 2,
        Fate.HARMLESS: 1,
        Fate.CRASH: 1,
        Fate.HANG: 1,
        Fate.UNKNOWN: 1,
        Fate.NO_VERDICT: 1,
    }
    assert sum(numbers.values()) == summary.judged == 12
    assert summary.rungs == {"unreached": 1, "uninfected": 1, "masked (printed values)": 1}


@pytest.mark.parametrize(
    ("impact", "fate"),
    [
        ((Impact.INVALID,), Fate.HURTS),
        ((Impact.WORSE,), Fate.HURTS),
        ((Impact.IMPROVED, Impact.SLOWER), Fate.HURTS),
        ((Impact.CHANGED,), Fate.MAY_HURT),
        ((Impact.BETTER, Impact.UNDECIDED), Fate.MAY_HURT),
        ((Impact.IMPROVED,), Fate.HARMLESS),
    ],
)
def test_undecided_is_never_harmless(impact: tuple[Impact, ...], fate: Fate) -> None:
    assert fate_of(bug("a", Rung.PROPAGATED, *impact).verdict) is fate


def test_rates_count_each_bug_with_its_weight_and_have_intervals() -> None:
    chance = (
        summed(bug("a", weight=3, file="a.py"), bug("b", Rung.CRASH, file="b.py"))
        .fates[Fate.UNNOTICED]
        .chance
    )
    assert chance is not None
    assert chance.share == pytest.approx(0.75)
    assert 0 <= chance.low < 0.75 < chance.high <= 1


def test_chosen_bugs_give_no_rate_and_come_first() -> None:
    summary = summed(chosen=[bug("a"), bug("b", Rung.CRASH)])
    assert (summary.judged, summary.chosen, summary.is_sample) == (0, 2, False)
    assert summary.fates[Fate.UNNOTICED].number == 1
    assert summary.fates[Fate.UNNOTICED].chance is None
    mixed = summed(bug("a", evidence=(INFECTED,)), chosen=[bug("b", Rung.UNREACHED)])
    order = [(ranked.item.mutant.anchor, ranked.is_chosen) for ranked in mixed.silent]
    assert order == [("b", True), ("a", False)]
    assert mixed.fates[Fate.UNNOTICED].number == 1


def test_code_that_trains_comes_before_imports_and_defaults() -> None:
    judged = [
        bug("default", context=Context.DEFAULT, evidence=(INFECTED,)),
        bug("module", function="<module>", phases=("import",), evidence=(INFECTED,)),
        bug("imported", phases=("import",), evidence=(INFECTED,)),
        bug("annotation", context=Context.ANNOTATION),
        bug("trains"),
    ]
    first, *early, default, annotation = silent(*judged)
    assert (first, default, annotation) == ("trains", "default", "annotation")
    assert sorted(early) == ["imported", "module"]


def test_without_phases_no_code_counts_as_imports() -> None:
    judged = [bug("b", phases=("import",), evidence=(INFECTED,)), bug("a", phases=("import",))]
    assert silent(*judged, phases=("import",)) == ["b", "a"]


def test_proof_decides_among_bugs_of_one_kind_of_code() -> None:
    judged = [
        bug("unreached", Rung.UNREACHED),
        bug("uninfected", Rung.UNINFECTED),
        bug("printed", parts=(Part.VALUES,), evidence=(INFECTED,)),
        bug("perhaps", evidence=(PERHAPS,)),
        bug("assumed", evidence=(INFECTED,), decided_by=Rule.HORIZON),
        bug("infected", evidence=(INFECTED,)),
    ]
    order = ["infected", "perhaps", "assumed", "printed", "uninfected", "unreached"]
    assert silent(*judged) == order


def test_functions_take_turns_and_those_come_first_where_most_go_unnoticed() -> None:
    judged = [bug(f"loud {n}", Rung.CRASH, function="loud") for n in range(3)]
    judged += [bug("quiet in loud", function="loud")]
    judged += [bug(f"quiet {n}", function="quiet") for n in range(3)]
    order = silent(*judged)
    assert order[0].startswith("quiet ")
    assert order[0] != "quiet in loud"
    assert order[1] == "quiet in loud"
    (first, second) = summed(*judged).functions
    assert (first.name, first.unnoticed, first.judged) == ("quiet", 3, 3)
    assert (second.name, second.unnoticed, second.judged) == ("loud", 1, 4)


def test_harm_is_ranked_by_impact_and_then_by_size_for_the_worse() -> None:
    def differing(name: str, impact: Impact, accuracy: float) -> Judged:
        compared = (Compared("accuracy", 3, 3, difference=accuracy),)
        return bug(name, Rung.PROPAGATED, impact, compared=compared)

    judged = [
        differing("open", Impact.UNDECIDED, -0.9),
        differing("little", Impact.DEGRADED, -0.1),
        differing("much", Impact.DEGRADED, -0.3),
        differing("worse", Impact.WORSE, -0.8),
        bug("invalid", Rung.PROPAGATED, Impact.INVALID),
        differing("open, for the better", Impact.UNDECIDED, 0.9),
    ]
    order = [ranked.item.mutant.anchor for ranked in summed(*judged).harmful]
    assert order == ["invalid", "much", "little", "worse", "open", "open, for the better"]


def test_differences_pair_every_metric_with_the_clean_run_of_the_same_seed() -> None:
    item = bug("a", Rung.PROPAGATED, Impact.DEGRADED)
    runs = [run(seed, item.mutant.id, accuracy=0.5, loss=0.75) for seed in (2, 0, 9)]
    (harmful,) = summed(item, runs={item.mutant.id: Sample.of(runs)}).harmful
    accuracy, loss = harmful.differences
    assert [(pair.draw.seed, pair.value, pair.clean) for pair in accuracy.pairs] == [
        (0, 0.5, 0.8),
        (2, 0.5, 0.82),
    ]
    assert [pair.difference for pair in loss.pairs] == [0.25, 0.25]


def test_a_bug_that_ran_once_is_compared_in_its_first_run() -> None:
    item = bug("a", Rung.PROPAGATED)
    first = {item.mutant.id: run(0, item.mutant.id, accuracy=0.5)}
    (harmful,) = summed(item, first=first).harmful
    accuracy, loss = harmful.differences
    assert [pair.difference for pair in accuracy.pairs] == [pytest.approx(-0.3)]
    assert loss.pairs == ()


def test_a_chosen_bug_is_compared_in_its_own_runs() -> None:
    item = bug("a", Rung.PROPAGATED)
    runs = {item.mutant.id: Sample.of([run(1, item.mutant.id, accuracy=0.5)])}
    (harmful,) = summed(chosen=[item], chosen_runs=runs).harmful
    assert [pair.draw.seed for pair in harmful.differences[0].pairs] == [1]


def test_runs_with_unknown_seeds_are_paired_with_none() -> None:
    item = bug("a", Rung.PROPAGATED)
    unknown = Draw(0, -1)
    runs = [replace(run(0, item.mutant.id, accuracy=0.5), draw=unknown)]
    clean = [replace(run(0, accuracy=0.8), draw=unknown)]
    (harmful,) = summed(item, runs={item.mutant.id: Sample.of(runs)}, clean=clean).harmful
    assert harmful.differences[0].pairs == ()
