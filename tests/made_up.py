"""Campaigns without processes of a program: a launcher makes up the runs."""

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from build import failure, outcome
from trainwreck import Campaign
from trainwreck.errors import ControlError
from trainwreck.model import APP, Ending, Exit, Outcome, Trial, TrialKind
from trainwreck.model.slot import MustStop, Slot
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.subject.settings_file import FILE_NAME, load_settings

SETTINGS = """
[subject]
name = "parts"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[trials]
clean = 6
repeats = 1
seeds = 5
rules = []
"""
TRAIN = "".join(f"x{n} = {n} + {n + 1}\nif x{n} > {n}:\n    y{n} = not x{n}\n" for n in range(12))
EXECUTED = {"learning": {(APP, "train.py"): list(range(1, 37))}}


@dataclass
class MadeUp:
    """A launcher without processes: a bug's fate follows from its id, and times are all unlike."""

    change: Callable[[Trial, Outcome], Outcome] = lambda _, outcome: outcome
    most: int = 1 << 30
    made: int = 0

    def batch(self, requests: Iterable[TrialRequest]) -> Iterator[list[TrialRequest]]:
        return ([request] for request in requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        for request in requests:
            trial = request.trial
            self.made += 1
            if trial.mutant and self.made > self.most:
                raise ControlError("stopped", "")
            result = replace(fate_of(trial), trial_id=trial.id, seconds=1 + self.made / 7)
            covered = EXECUTED if trial.kind is TrialKind.COVERAGE else {}
            lines = [f"accuracy: {value}\n" for value in result.steps.get("accuracy", ())]
            log = "".join(lines).encode()
            yield TrialResult(trial, self.change(trial, result), log, covered=covered)


def fate_of(trial: Trial) -> Outcome:
    value = f"0.{trial.seed + 3}"
    if trial.mutant is None:
        return outcome(steps={"accuracy": (value,)}, parameters=f"clean {trial.seed}")
    match int(trial.mutant.id, 16) % 4:
        case 0:
            exit_ = Exit(Ending.EXITED, 1)
            return outcome(steps={}, parameters=None, exit=exit_, error=failure())
        case 1:
            return outcome(steps={"accuracy": ("0.1",)}, parameters=f"moved {trial.seed}")
    return outcome(steps={"accuracy": (value,)}, parameters=f"clean {trial.seed}")


def campaign_in(
    base: Path, name: str, launcher: MadeUp | None, settings: str, train: str = TRAIN
) -> Campaign:
    program = base / "program"
    program.mkdir(exist_ok=True)
    (program / "train.py").write_text(train)
    (program / FILE_NAME).write_text(settings)
    loaded = load_settings(program / FILE_NAME, python=sys.executable)
    return Campaign(base / name, loaded, cache=base / "cache", launcher=launcher or MadeUp())
