"""The sample that a budget pays for: unbiased rates although costs go with outcomes."""

import random
from dataclasses import replace
from itertools import permutations
from math import isclose
from pathlib import Path
from types import SimpleNamespace

import pytest

from build import ENVIRONMENT, mutant, outcome, verdict
from exchanging import value
from trainwreck.campaign.budget import run_within
from trainwreck.cli.planning import check_budget
from trainwreck.cli.values import read_duration
from trainwreck.errors import UsageError
from trainwreck.model import (
    APP,
    FIRST,
    MODULE_LEVEL,
    Context,
    DrawMethod,
    Judged,
    Mutant,
    MutantCost,
    PlannedMutant,
    StratumFrame,
    Trial,
    TrialKind,
)
from trainwreck.mutants.selection import in_turns
from trainwreck.results.budget import BUDGET, Budget, Spending, paid
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_mutants
from trainwreck.results.own import OwnResults
from trainwreck.results.status import read_status
from trainwreck.results.weights import weighted
from trainwreck.stats.groups import share_interval, weighted_share
from trainwreck.store.campaign_file import CampaignFile

PLACES = (
    {"context": Context.IF},
    {"context": Context.ARGUMENT},
    {"context": Context.ARGUMENT, "function": MODULE_LEVEL},
)


def bugs(number: int, place: int = 1) -> list[Mutant]:
    return [
        mutant(file=f"{index % 12}.py", anchor=f"{place}.{index}", **PLACES[place])
        for index in range(number)
    ]


def judged(bug: Mutant) -> Judged:
    return Judged(PlannedMutant(bug), verdict(mutant_id=bug.id))


def sample(order: list[Mutant], costs: dict[str, MutantCost], seconds: float) -> list[Judged]:
    budget = Budget(seconds)
    spending = Spending(budget, costs)
    taken = []
    for bug in order:
        if not spending.takes(bug):
            break
        taken.append(judged(bug))
    return paid(taken, budget, costs)


def rate(items: list[Judged], hits: dict[str, bool]) -> float:
    return weighted_share([hits[i.mutant.id] for i in items], [i.weight for i in items])


@pytest.mark.parametrize("seconds", [0.5, 3.0, 7.0, 11.0, 19.0, 30.0, 99.0])
def test_the_mean_of_rates_over_all_orders_is_exactly_that_of_all_mutants(seconds: float) -> None:
    members = bugs(6)
    costs = dict(zip((bug.id for bug in members), (1, 1, 2, 5, 9, 20), strict=True))
    spent = {bug: MutantCost(cost, 0.0, 1) for bug, cost in costs.items()}
    hits = {bug: cost >= 5 for bug, cost in costs.items()}
    rates = [rate(sample(list(order), spent, seconds), hits) for order in permutations(members)]
    assert isclose(sum(rates) / len(rates), 0.5, abs_tol=1e-12)


def test_without_weights_a_budget_makes_cheap_mutants_too_frequent_or_too_rare() -> None:
    members = bugs(6)
    pairs = zip(members, (1, 1, 2, 5, 9, 20), strict=True)
    costs = {bug.id: MutantCost(cost, 0.0, 1) for bug, cost in pairs}
    hits = {bug: cost.first >= 5 for bug, cost in costs.items()}
    rates = []
    for order in permutations(members):
        spending = Spending(Budget(7.0), costs)
        taken = []
        for bug in order:
            if spending.is_exceeded:
                break
            spending.takes(bug)
            taken.append(hits[bug.id])
        rates.append(sum(taken) / len(taken))
    assert abs(sum(rates) / len(rates) - 0.5) > 0.02


def campaign(source: random.Random) -> tuple[list[Mutant], dict[str, MutantCost], dict[str, bool]]:
    """Return mutants of three kinds; hits are cheap crashes in one and costly in another."""
    members, costs, hits = [], {}, {}
    for place, (number, chance) in enumerate(((60, 0.6), (150, 0.3), (90, 0.1))):
        for bug in bugs(number, place):
            hit = source.random() < chance
            usual, slow = (2.0, 18.0) if place == 0 else (90.0, 10.0)
            costs[bug.id] = MutantCost(usual if hit else slow, 0.0, 1)
            members.append(bug)
            hits[bug.id] = hit
    return members, costs, hits


def test_rates_of_a_budget_are_unbiased_and_their_intervals_cover() -> None:
    source = random.Random(5)
    members, costs, hits = campaign(source)
    sizes = {kind: sum(m.stratum is kind for m in members) for kind in {m.stratum for m in members}}
    frames = [StratumFrame(APP, f"{i}.py", k, 0, 0, 1.0) for k in sizes for i in range(12)]
    frames = [
        replace(f, mutants=sum(m.stratum is f.stratum and m.file == f.file for m in members))
        for f in frames
    ]
    truth = sum(hits.values()) / len(hits)
    rates, covered = [], []
    for seed in range(300):
        order = in_turns(members, seed, DrawMethod.STRATIFIED)
        taken = sample(order, costs, 1200.0)
        weights = {item.mutant.id: item.weight for item in taken}
        plain = weighted([replace(item, weight=1.0) for item in taken], frames)
        items = [replace(item, weight=item.weight * weights[item.mutant.id]) for item in plain]
        rates.append(rate(items, hits))
        low, high = share_interval(
            [hits[i.mutant.id] for i in items],
            [i.mutant.file for i in items],
            0.05,
            [i.weight for i in items],
        )
        covered.append(low <= truth <= high)
    error = (sum((r - truth) ** 2 for r in rates) / len(rates)) ** 0.5 / len(rates) ** 0.5
    assert abs(sum(rates) / len(rates) - truth) < 3 * error
    assert sum(covered) / len(covered) >= 0.93


def test_the_mutant_that_exceeds_the_budget_alone_is_none_of_the_sample() -> None:
    cheap, dear = bugs(4), bugs(5)[4]
    costs = {bug.id: MutantCost(1.0, 0.0, 1) for bug in cheap}
    costs[dear.id] = MutantCost(100.0, 50.0, 5)
    taken = sample([*cheap, dear], costs, 10.0)
    assert [item.mutant for item in taken] == cheap
    assert {item.weight for item in taken} == {1.0}


@pytest.fixture
def file(tmp_path: Path) -> CampaignFile:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        file.set_plan([PlannedMutant(bug, ("learning",)) for bug in bugs(8)], [])
        for trial in (Trial("s", TrialKind.CLEAN, 0, repeat=repeat) for repeat in range(2)):
            file.add_run(trial, run(trial, 10.0), b"", ENVIRONMENT)
        yield file  # type: ignore[misc]


def run(trial: Trial, seconds: float):
    return replace(outcome(**value(FIRST)), trial_id=trial.id, cpu_seconds=seconds)


def ran(file: CampaignFile, number: int, seconds: float) -> None:
    bug = list(file.mutants())[number].mutant
    trial = Trial("s", TrialKind.MUTANT, 0, mutant=bug)
    file.add_run(trial, run(trial, seconds), b"", ENVIRONMENT)


def test_first_verdicts_are_the_head_of_the_plan_up_to_the_first_gap(file: CampaignFile) -> None:
    for number in (0, 1, 3, 4):
        ran(file, number, 10.0)
    assert read_status(OwnResults(file)).done == 2
    ran(file, 2, 300.0)
    assert read_status(OwnResults(file)).done == 5


def test_a_budget_in_the_file_ends_the_sample_until_it_grows(file: CampaignFile) -> None:
    for number in range(7):
        ran(file, number, 10.0)
    file.set_meta(BUDGET, {"seconds": 25.0, "controls": 0.0})
    assert len(judge_mutants(Evidence(file)).judged) == 3
    file.set_meta(BUDGET, {"seconds": 25.0, "controls": 5.0})
    assert len(judge_mutants(Evidence(file)).judged) == 2
    file.set_meta(BUDGET, {"seconds": 65.0, "controls": 0.0})
    assert len(judge_mutants(Evidence(file)).judged) == 7
    file.set_meta(BUDGET, None)
    assert len(judge_mutants(Evidence(file)).judged) == 7


class Working:
    """A session whose runs are made up; mutants of the plan cost 5 s, every fourth 40."""

    def __init__(self, file: CampaignFile) -> None:
        self.file = file
        self.engine = SimpleNamespace(jobs=2)
        self.pieces: list[int] = []

    @property
    def evidence(self) -> Evidence:
        return Evidence(self.file)

    def run(self, number: int) -> int:
        self.pieces.append(number)
        finished = self.file.mutant_costs()
        new = [i for i, m in enumerate(self.file.mutants()) if m.mutant.id not in finished]
        new = [index for index in new if index < number]
        for index in new:
            ran(self.file, index, 40.0 if index % 4 == 3 else 5.0)
        return len(new)


def test_run_within_ends_where_the_budget_is_used_up_and_goes_on_from_there(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        file.set_meta("rules", [])
        file.set_plan([PlannedMutant(bug, ("learning",)) for bug in bugs(200)], [])
        for trial in (Trial("s", TrialKind.CLEAN, 0, repeat=repeat) for repeat in range(2)):
            file.add_run(trial, run(trial, 10.0), b"", ENVIRONMENT)
        session = Working(file)
        numbers = []
        for _ in range(2):
            run_within(session, 600.0, session.run)  # type: ignore[arg-type]
            items = list(session.evidence.first_verdicts())
            spent = sum(session.evidence.costs[item.mutant.id].first for item in items)
            budget = session.evidence.budget
            assert budget is not None
            numbers.append(len(items))
            assert budget.seconds - 40 <= spent + budget.controls * len(items)
            assert session.pieces[-1] - len(items) <= session.engine.jobs
        assert numbers[0] < numbers[1] < 200
        before = len(file.mutant_costs())
        assert run_within(session, 1e6, session.run) == 200 - before  # type: ignore[arg-type]
        assert len(list(session.evidence.first_verdicts())) == 200


@pytest.mark.parametrize(
    ("text", "seconds"), [("30m", 1800), ("2h", 7200), ("1h30m", 5400), ("90s", 90)]
)
def test_read_duration_of_a_budget(text: str, seconds: float) -> None:
    assert read_duration(text) == seconds


@pytest.mark.parametrize("text", ["", "2", "h", "0m", "30m1h", "-2h", "1.5h", "2 h"])
def test_read_duration_refuses_what_is_no_time(text: str) -> None:
    with pytest.raises(ValueError, match="30m, 2h or 1h30m"):
        read_duration(text)


def test_budget_and_what_chooses_mutants_exclude_one_another() -> None:
    check_budget(None, 5, True)
    check_budget(7200.0, None, False)
    for mutants, is_choice in ((5, False), (None, True)):
        with pytest.raises(UsageError, match="`--budget`"):
            check_budget(7200.0, mutants, is_choice)
