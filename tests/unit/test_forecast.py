"""The forecast of a campaign, replayed against known totals, and `run --dry`."""

import random
from dataclasses import replace
from pathlib import Path

import pytest

from build import ENVIRONMENT, many_mutants, outcome
from exchanging import value
from trainwreck import Campaign
from trainwreck.model import Draw, Expected, Forecast, PlannedMutant, Trial, TrialKind
from trainwreck.model.trials import CONTROL_EVERY
from trainwreck.report.forecast import forecast_text
from trainwreck.results.own import OwnResults
from trainwreck.results.status import read_forecast, read_status
from trainwreck.stats.totals import Group, Seeds, predict
from trainwreck.store.campaign_file import CampaignFile

CLEAN = 10.0
GAPS = (2, 2)


def made(rng: random.Random, number: int, chance: float, slow: float) -> list[tuple[float, int]]:
    """Return the first cost and the further runs of mutants whose costs go with their outcome."""
    mutants = []
    for _ in range(number):
        if rng.random() < slow:
            mutants.append((60.0, 0))
        elif rng.random() < chance:
            mutants.append((rng.uniform(9, 11), 2 + 2 * (rng.random() < 0.6)))
        else:
            mutants.append((rng.choice([4.0, 6.0, 10.0]), 0))
    return mutants


def replayed(rng: random.Random, share: float) -> tuple[float, bool]:
    """Return the relative error of a forecast after a share of a campaign, and if it covers."""
    groups, truth, waiting = [], 0.0, 0
    for chance in (0.1, 0.3):
        mutants = made(rng, 150, chance, 0.01)
        done = round(share * len(mutants))
        seen, left = mutants[:done], mutants[done:]
        propagated = sum(further > 0 for _, further in seen)
        costs = tuple(cost for cost, _ in seen)
        groups.append(Group(costs, propagated, left=len(left), chance=0.2))
        waiting += propagated
        truth += sum(cost for cost, _ in left) + CLEAN * sum(more for _, more in mutants)
    total = predict(groups, Seeds(GAPS, waiting), CLEAN, control=0.0)
    return abs(total.expected / truth - 1), total.low <= truth <= total.high


def test_predict_is_within_a_quarter_after_a_tenth_and_its_interval_covers() -> None:
    rng = random.Random(4)
    errors, covered = zip(*(replayed(rng, 0.1) for _ in range(60)), strict=True)
    assert sum(error < 0.25 for error in errors) >= 54
    assert sum(covered) >= 52


def test_predict_of_nothing_is_nothing_and_of_known_runs_is_their_cost() -> None:
    assert predict([], Seeds(), CLEAN, 0.02).expected == 0
    nothing = predict([Group((3.0, 4.0), 1)], Seeds(GAPS, 0, 0, 0), CLEAN, 0.02)
    assert (nothing.low, nothing.expected, nothing.high) == (0, 0, 0)
    total = predict([Group((3.0,), 1)], Seeds(GAPS, running=7), CLEAN, 0.02)
    assert (total.low, total.high, total.further) == (70, 70, 70)


def test_predict_counts_controls_clean_seeds_and_slow_runs() -> None:
    groups = [Group(left=100, chance=0.0)]
    without = predict(groups, Seeds(), CLEAN, 0.0).expected
    assert predict(groups, Seeds(), CLEAN, 0.5).expected == pytest.approx(without + 500)
    waiting = predict(groups, Seeds((2,), 1), CLEAN, 0.0).expected
    assert predict(groups, Seeds((2,), 1, clean=29), CLEAN, 0.0).expected == waiting + 290
    slow = [Group((100.0,) * 5 + (5.0,) * 45, left=100, chance=0.0)]
    assert predict(slow, Seeds(), CLEAN, 0.0).expected > 100 * (0.06 * 90 + 0.9 * 5)


def test_predict_expects_that_rules_go_on_deciding_what_they_decided() -> None:
    costs = (8.0,) * 10
    free, needed = (Group(costs, free=n, unknown=100, free_chance=0.4) for n in (90, 0))
    assert predict([free], Seeds(), CLEAN, 0.0).high < predict([needed], Seeds(), CLEAN, 0.0).low


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A campaign of 60 planned mutants of which six have run, in 10 s of processor and 30 s."""
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_meta("metrics", ["accuracy"])
        bugs = many_mutants(60)
        file.set_plan([PlannedMutant(bug, ("learning",)) for bug in bugs], [])
        file.set_meta("rules", [])
        clean = [Trial("s", TrialKind.CLEAN, 0, repeat=repeat) for repeat in range(2)]
        for trial in (*clean, *(Trial("s", TrialKind.MUTANT, 0, mutant=bug) for bug in bugs[:6])):
            same = outcome(**value(Draw(0)))
            run = replace(same, trial_id=trial.id, cpu_seconds=10.0, seconds=30.0)
            file.add_run(trial, run, b"", ENVIRONMENT)
    return tmp_path


def test_status_and_read_forecast_predict_the_rest_of_a_campaign(folder: Path) -> None:
    with CampaignFile.open(folder) as file:
        rest = read_status(OwnResults(file)).forecast
        assert rest is not None
        assert (rest.mutants, rest.jobs) == (54, 1)
        assert rest.cpu.low < 54 * 10 * (1 + 1 / CONTROL_EVERY) < rest.cpu.high
        assert rest.wall.seconds == pytest.approx(3 * rest.cpu.seconds)
        faster = read_forecast(OwnResults(file), 16, jobs=2)
        assert faster is not None
        assert (faster.mutants, faster.jobs) == (10, 2)
        assert faster.wall.seconds == pytest.approx(1.5 * faster.cpu.seconds)
        chosen = read_forecast(OwnResults(file), chosen=list(file.mutants())[4:9])
        assert chosen is not None
        assert chosen.mutants == 3


def test_campaign_forecast_needs_a_clean_run(tmp_path: Path) -> None:
    with CampaignFile.open(tmp_path, create=True) as file:
        file.set_plan([PlannedMutant(bug, ("learning",)) for bug in many_mutants(2)], [])
    with pytest.raises(Exception, match="no clean run"):
        Campaign.open(tmp_path).forecast()


def test_forecast_text_names_both_times_with_their_intervals() -> None:
    cpu, wall = Expected(3600, 3000, 4200), Expected(1900, 1600, 2200)
    text = forecast_text(Forecast(30, 2, cpu, wall, 0.25))
    assert "60 min 0 s [50 min 0 s to 70 min 0 s] of processor" in text
    assert "31 min 40 s [26 min 40 s to 36 min 40 s] with 2 trials at a time" in text
    assert "further seeds are 25% of it" in text
    nothing = Expected(0, 0, 0)
    assert forecast_text(Forecast(0, 2, nothing, nothing, 0.0)) == "nothing is left to run"
