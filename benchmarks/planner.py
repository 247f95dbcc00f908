"""Replays of a finished campaign: how far forecasts of its cost are from the truth.

``python benchmarks/planner.py [RECORDS] [--orders N]`` takes the mutants of an exported campaign
in random orders. After a share of them it predicts what is left, as ``status`` does, and compares
that with what the campaign took: first runs, controls and further seeds.
"""

import argparse
import random
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean, median

from subject import say
from trainwreck import Campaign
from trainwreck.model import Rung, Stratum, Table
from trainwreck.model.trials import CONTROL_EVERY
from trainwreck.model.usual_shares import PROPAGATES
from trainwreck.report.text import render_tables
from trainwreck.results.evidence import Evidence
from trainwreck.stats.totals import Group, Seeds, predict
from trainwreck.store.campaign_file import CampaignFile

RECORDS = Path(__file__).parents[1] / "results" / "keras.jsonl.xz"
SHARES = (0.05, 0.1, 0.2, 0.5)


@dataclass(frozen=True)
class Ran:
    """A mutant that needed a run: the processor seconds of its first run and of further ones."""

    stratum: Stratum
    first: float
    further: float
    propagated: bool


@dataclass(frozen=True)
class Replay:
    """A forecast beside the truth, in processor seconds."""

    expected: float
    low: float
    high: float
    truth: float

    @property
    def error(self) -> float:
        """Return the relative error of the forecast."""
        return self.expected / self.truth - 1

    @property
    def covers(self) -> bool:
        """Return whether the interval holds the truth."""
        return self.low <= self.truth <= self.high


def read(records: Path) -> tuple[list[Ran], float, tuple[int, ...]]:
    """Return the mutants that ran, the mean of a clean run, and the planned analyses."""
    with tempfile.TemporaryDirectory() as folder:
        Campaign.import_records(records, folder)
        with CampaignFile.open(Path(folder)) as file:
            evidence, costs = Evidence(file), file.mutant_costs()
            ran = [
                Ran(
                    item.mutant.stratum,
                    costs[item.mutant.id].first,
                    costs[item.mutant.id].further,
                    item.verdict.rung is Rung.PROPAGATED,
                )
                for item in evidence.first_verdicts()
                if item.mutant.id in costs
            ]
            clean = fmean(run.cpu_seconds for run in evidence.clean_sample)
            further = any(each.further for each in ran)
            return ran, clean, evidence.decision.analysis_points if further else ()


def replay(mutants: Sequence[Ran], done: int, clean: float, points: tuple[int, ...]) -> Replay:
    """Predict after the first ``done`` mutants what is left."""
    seen, left = mutants[:done], mutants[done:]
    groups = [
        Group(
            costs=[ran.first for ran in seen if ran.stratum is stratum],
            propagated=sum(ran.propagated for ran in seen if ran.stratum is stratum),
            left=sum(ran.stratum is stratum for ran in left),
            chance=PROPAGATES[stratum],
        )
        for stratum in Stratum
    ]
    gaps = [after - before for before, after in zip((1, *points), points, strict=False)]
    seeds = Seeds(gaps, waiting=sum(ran.propagated for ran in seen))
    total = predict(groups, seeds, clean, 1 / CONTROL_EVERY)
    truth = sum(ran.first for ran in left) + sum(ran.further for ran in mutants)
    truth += clean * len(left) / CONTROL_EVERY
    return Replay(total.expected, total.low, total.high, truth)


def table(records: Path, orders: int) -> Table:
    """Return the errors of forecasts after each share of the mutants that need a run."""
    mutants, clean, points = read(records)
    source, rows = random.Random(0), []
    for share in SHARES:
        done = round(share * len(mutants))
        replays = []
        for _ in range(orders):
            source.shuffle(mutants)
            replays.append(replay(mutants, done, clean, points))
        errors = sorted(abs(each.error) for each in replays)
        rows.append(
            (
                f"{share:.0%}",
                done,
                f"{100 * fmean(each.error for each in replays):+.0f}",
                f"{100 * median(errors):.0f}",
                f"{100 * errors[int(0.9 * orders)]:.0f}",
                f"{100 * fmean(error <= 0.25 for error in errors):.0f}",
                f"{100 * fmean(each.covers for each in replays):.0f}",
                f"{100 * fmean((each.high - each.low) / each.truth for each in replays):.0f}",
            )
        )
    columns = ("After", "Mutants", "Mean error", "Median", "9 of 10", "Within 25", "Covered")
    return Table(
        "forecasts",
        f"Forecasts of the rest of {records.name}, in {orders} random orders",
        (*columns, "Width"),
        tuple(rows),
        "In per cent of the truth: mean error, median of its size, and what 9 of 10 stay below; "
        "then how many forecasts are within 25 %, how often the 90 % interval holds the truth, "
        f"and how wide it is. {len(mutants)} mutants needed a run.",
    )


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("records", nargs="?", type=Path, default=RECORDS)
    parser.add_argument("--orders", type=int, default=200)
    options = parser.parse_args()
    say("".join(render_tables([table(options.records, options.orders)])))


if __name__ == "__main__":
    main()
