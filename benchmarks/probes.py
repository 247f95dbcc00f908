"""What a clean run with probes in it costs beside one without."""

import random
import tempfile
from pathlib import Path

from figures import Figure, alternate, figure, ratios
from overhead import LIMITS, one_processor
from subject import open_study, say
from trainwreck.campaign import list_files
from trainwreck.campaign.settling import plan_probes
from trainwreck.model import Mutant, Trial, TrialKind
from trainwreck.plan import FIRST_SEED, probe_trial
from trainwreck.run import NO_ORDERS, Orders, run_trial

MUTANTS = 2000
MOST = 2.0


def measure(python: str, rounds: int = 5) -> list[Figure]:
    """Probes for many mutants of program and library, whether their lines run or not."""
    with tempfile.TemporaryDirectory() as folder, one_processor() as cpu:
        desk = open_study(python, Path(folder))
        mutants: list[Mutant] = []
        for listing in list_files(
            desk.files, desk.interpreter, desk.settings.mutants.operators, desk.cache
        ):
            mutants += listing.mutants
        plan = plan_probes(desk, random.Random(FIRST_SEED).sample(mutants, MUTANTS))

        def run(trial: Trial, orders: Orders) -> float:
            outcome = run_trial(trial, desk.workbench, LIMITS, 0, cpu, orders=orders).outcome
            if not outcome.exit.fine:
                raise SystemExit(f"{trial.kind}: {outcome.exit}, {outcome.error}")
            say(f"  {trial.kind}: {outcome.cpu_seconds:.2f} s of processor")
            return outcome.cpu_seconds

        clean = Trial(desk.subject_id, TrialKind.CLEAN, FIRST_SEED)
        ways = {
            "clean": lambda: run(clean, NO_ORDERS),
            "probed": lambda: run(probe_trial(desk.subject_id, 0), plan.orders),
        }
        times = alternate(ways, rounds)
    return [
        figure("a clean run", "s processor", times["clean"]),
        figure(f"with probes for {MUTANTS} mutants", "s processor", times["probed"]),
        figure("with probes", "times the processor", ratios(times["probed"], times["clean"]), MOST),
    ]
