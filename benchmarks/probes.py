"""What a clean run with probes in it costs beside one without."""

import random
import tempfile
from functools import partial
from pathlib import Path

from figures import Figure, alternate, figure, ratios
from overhead import one_processor, run_once
from subject import study_campaign
from trainwreck.campaign.early_decisions import plan_probes
from trainwreck.model import FIRST_SEED, Trial, TrialKind
from trainwreck.model.trials import probe_trial

MUTANTS = 2000
MOST = 2.0


def measure(python: str, rounds: int = 5) -> list[Figure]:
    """Put probes around many mutants of program and library, whether their lines run or not."""
    with (
        tempfile.TemporaryDirectory() as folder,
        one_processor() as cpu,
        study_campaign(python, Path(folder)) as campaign,
        campaign.session() as session,
    ):
        mutants = [item.mutant for item in campaign.mutants(uncovered=True)]
        sample = random.Random(FIRST_SEED).sample(mutants, MUTANTS)
        instructions = plan_probes(session.subject, sample).instructions
        context = session.subject.context
        clean, probed = Trial(session.id, TrialKind.CLEAN, FIRST_SEED), probe_trial(session.id, 0)
        ways = {
            "clean": partial(run_once, clean, context, (cpu,), "clean"),
            "probed": partial(run_once, probed, context, (cpu,), "probed", instructions),
        }
        outcomes = alternate(ways, rounds)
    times = {name: [run.cpu_seconds for run in runs] for name, runs in outcomes.items()}
    return [
        figure("a clean run", "s processor", times["clean"]),
        figure(f"with probes for {MUTANTS} mutants", "s processor", times["probed"]),
        figure("with probes", "times the processor", ratios(times["probed"], times["clean"]), MOST),
    ]
