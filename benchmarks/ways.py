"""Four ways to run one campaign of a bundled study, and one step of it in a process of its own.

``python benchmarks/ways.py STEP``, where STEP is a `Step` in JSON, writes what trainwreck's own
process took to the descriptor that the step names.
"""

import json
import os
import resource
import signal
import sys
import tempfile
import threading
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from types import MappingProxyType

from subject import Said, say, study_settings
from trainwreck import Campaign
from trainwreck.errors import TrainwreckError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model import Rule
from trainwreck.model.start import Start
from trainwreck.subject.settings import Settings

NAIVE = "naive"
COLD = "cold"
WARM = "warm"
EXACT = "exact"
TINY = "tiny"


@dataclass(frozen=True)
class Way:
    """A way to run a campaign.

    ``rules`` is None for those of the settings. ``exact`` and ``cold`` are the options of `run`.
    """

    title: str
    start: Start = Start.COLD
    rules: tuple[Rule, ...] | None = None
    exact: bool = False
    cold: bool = False

    @property
    def is_probed(self) -> bool:
        """Return whether a clean run with probes serves it."""
        return self.rules is None or self.start is Start.WARM


WAYS: Mapping[str, Way] = MappingProxyType(
    {
        NAIVE: Way("all cold, no rules", rules=(), cold=True),
        COLD: Way("rules, --cold", cold=True),
        WARM: Way('rules, start = "warm"', Start.WARM),
        EXACT: Way('--exact, start = "warm"', Start.WARM, exact=True),
        "exact-cold": Way("--exact --cold", exact=True, cold=True),
        "warm-only": Way('no rules, start = "warm"', Start.WARM, rules=()),
    }
)
USUAL = (NAIVE, COLD, WARM, EXACT)

PREPARE = "prepare"
PLAN = "plan"
FIRST = "first"
FURTHER = "further"


@dataclass(frozen=True)
class Step:
    """A piece of work of one way, which ends with a campaign that has ``mutants`` verdicts.

    A step of the stage ``prepare`` makes what all campaigns share. One of the stage ``plan`` makes
    the clean runs and the plan. One of ``first`` runs mutants with the first seed alone; that of
    ``further`` adds further seeds. ``planned`` is the number of mutants in all, which are probed at
    once. ``out`` is the descriptor that the report goes to.
    """

    way: str
    stage: str
    study: str
    profile: str
    folder: str
    mutants: int
    planned: int
    jobs: int
    out: int = -1


def settings_of(step: Step) -> Settings:
    """Return the settings of a step: those of the first stage compare nothing."""
    settings = study_settings(name=step.study, profile=step.profile)
    trials = replace(settings.trials, start=WAYS[step.way].start)
    if step.stage != FURTHER:
        # The second seed shows whether the program uses it, as in any campaign.
        trials = replace(trials, seeds=1, clean=min(trials.clean, 2))
    return replace(settings, trials=trials)


def prepare(study: str) -> None:
    """Make environment, data and the listings of executed files, which all campaigns share."""
    settings = settings_of(Step(NAIVE, FIRST, study, TINY, "", 0, 0, 1))
    with tempfile.TemporaryDirectory() as folder:
        campaign = Campaign.create(settings, Path(folder), jobs=1, progress=Said())
        with campaign:
            campaign.baseline()
            campaign.plan()


def work(step: Step) -> None:
    """Do a step."""
    if step.stage == PREPARE:
        prepare(step.study)
        return
    way = WAYS[step.way]
    folder = Path(step.folder)
    with Campaign.create(settings_of(step), folder, jobs=step.jobs, progress=Said()) as campaign:
        campaign.baseline()
        campaign.plan()
        if step.stage == PLAN:
            return
        if way.is_probed:
            # Otherwise each step would need a clean run with probes, where a campaign needs one.
            campaign.probe(step.planned)
        campaign.run(step.mutants, rules=way.rules, exact=way.exact, cold=way.cold)


def own_seconds() -> float:
    """Return the processor seconds of this process, without those of its children."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def _end_with_parent() -> None:
    """Stop, as on Ctrl-C, once nobody holds the other end of the standard input any more."""
    # A buffer's lock would be held at the end of this process.
    with suppress(OSError):
        os.read(sys.stdin.fileno(), 1)
    # What a shell starts in the background ignores Ctrl-C, and so do all its children.
    os.kill(os.getpid(), signal.SIGTERM)


def main(text: str) -> None:
    """Do the step that is described, and report."""
    INTERRUPTS.listen()
    threading.Thread(target=_end_with_parent, daemon=True).start()
    step = Step(**json.loads(text))
    try:
        work(step)
    except TrainwreckError as error:
        say(str(error))
        sys.exit(error.exit_code)
    finally:
        with os.fdopen(step.out, "w", encoding="utf-8") as out:
            json.dump({"own": own_seconds()}, out)


def as_text(step: Step) -> str:
    """Return a step as `main` reads it."""
    return json.dumps(asdict(step))


if __name__ == "__main__":
    main(sys.argv[1])
