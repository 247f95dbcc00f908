"""What a clean run with probes in it costs beside one without."""

import random
import tempfile
from pathlib import Path

from figures import Figure, alternate, figure, ratios
from overhead import LIMITS, one_processor
from subject import open_study, say
from trainwreck.campaign.early_decisions import plan_probes
from trainwreck.model import FIRST_SEED, Mutant, Trial, TrialKind
from trainwreck.model.trials import probe_trial
from trainwreck.mutants.catalogue import list_files
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import run_trial

MUTANTS = 2000
MOST = 2.0


def measure(python: str, rounds: int = 5) -> list[Figure]:
    """Probes for many mutants of program and library, whether their lines run or not."""
    with tempfile.TemporaryDirectory() as folder, one_processor() as cpu:
        session = open_study(python, Path(folder))
        mutants: list[Mutant] = []
        for listing in list_files(
            session.files, session.interpreter, session.settings.mutants.operators, session.cache
        ):
            mutants += listing.mutants
        plan = plan_probes(session, random.Random(FIRST_SEED).sample(mutants, MUTANTS))

        def run(trial: Trial, orders: Instructions) -> float:
            outcome = run_trial(trial, session.context, LIMITS, 0, cpu, orders=orders).outcome
            if not outcome.exit.fine:
                raise SystemExit(f"{trial.kind}: {outcome.exit}, {outcome.error}")
            say(f"  {trial.kind}: {outcome.cpu_seconds:.2f} s of processor")
            return outcome.cpu_seconds

        clean = Trial(session.subject_id, TrialKind.CLEAN, FIRST_SEED)
        ways = {
            "clean": lambda: run(clean, NO_INSTRUCTIONS),
            "probed": lambda: run(probe_trial(session.subject_id, 0), plan.orders),
        }
        times = alternate(ways, rounds)
    return [
        figure("a clean run", "s processor", times["clean"]),
        figure(f"with probes for {MUTANTS} mutants", "s processor", times["probed"]),
        figure("with probes", "times the processor", ratios(times["probed"], times["clean"]), MOST),
    ]
