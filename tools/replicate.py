"""Campaigns of the paper's libraries and today's, in batches that any machine can go on with.

``python tools/replicate.py keras-2.3`` goes on with the campaign of a study, or begins it: it
imports the export of ``results/replication`` where this machine has no campaign yet. Mutants run
once each, in the order of the plan, which is random; then those that change the result run with
further seeds, and with ``--audit`` some decisions are checked. After each batch it writes the
export. Ctrl-C or ``--stop`` from elsewhere ends it within seconds, with an export; the same command
goes on, and makes the runs at work again.

The paper's libraries run at the paper's settings, or with ``--quick`` at smaller ones and with
exports of their own; from cold starts, as only those measure the time of a training. Their
successors run at ``quick``, from warm starts.
"""

import argparse
import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from datetime import datetime
from datetime import time as clock_time
from pathlib import Path

from trainwreck import Campaign
from trainwreck.campaign.progress import NoProgress
from trainwreck.errors import ExitCode, TrainwreckError
from trainwreck.interrupts import INTERRUPTS
from trainwreck.model.start import Start
from trainwreck.store.campaign_file import FILE_NAME as FILE_OF_CAMPAIGN
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder, studies

ROOT = Path(__file__).parents[1]
EXPORTS = ROOT / "results" / "replication"
WANTED = {"keras-2.3": 854, "tensorflow-1.15": 461, "theano-1.0": 517}
"""Mutants of each library in the paper's Table IV."""
SUCCESSORS = {"tensorflow": 300, "pytensor": 300, "torch": 300}
"""Mutants of the libraries that one would use today; those of Keras are in ``results``."""
BATCH = 30


@dataclass(frozen=True)
class Batches:
    """A study's campaign, and how it is continued; no batch begins after the time ``until``."""

    study: str
    mutants: int
    batch: int
    jobs: int
    until: float
    cache: Path
    is_quick: bool = False
    audited: int = 0

    @property
    def name(self) -> str:
        """Return what folder and export are called."""
        return f"{self.study}-quick" if self.is_quick else self.study

    @property
    def folder(self) -> Path:
        """Return the folder of the campaign."""
        return self.cache / self.name

    @property
    def export(self) -> Path:
        """Return the file that any machine can go on with."""
        return EXPORTS / f"{self.name}.jsonl.xz"

    def settings(self, *, is_first: bool) -> Settings:
        """Return the settings; those of first runs ask for no further seeds."""
        settings = self._described()
        if not is_first:
            return settings
        # The second seed shows whether the program uses it, as in any campaign.
        trials = replace(settings.trials, seeds=1, clean=min(settings.trials.clean, 2))
        return replace(settings, trials=trials)

    def _described(self) -> Settings:
        """Return the settings of the study: the paper's for its libraries, else quick ones."""
        file = studies()[self.study] / FILE_NAME
        if self.study in WANTED:
            return load_settings(file, None if self.is_quick else "paper")
        settings = load_settings(file)
        return replace(settings, trials=replace(settings.trials, start=Start.WARM))

    def run(self) -> None:
        """Do all batches that time allows."""
        if self._has_time() and not self.folder.is_dir() and self.export.is_file():
            say(f"{self.study}: {self.export.name} is imported")
            Campaign.import_records(self.export, self.folder)
        for number in (*range(self.batch, self.mutants, self.batch), self.mutants):
            if not self._has_time():
                return
            self._step(number, is_first=True)
        if self._has_time():
            self._step(self.mutants, is_first=False)
        if self.audited and self._has_time():
            self._audit()

    def _has_time(self) -> bool:
        return time.time() < self.until

    def _step(self, number: int, *, is_first: bool) -> None:
        began = time.monotonic()
        with self._at_work(self.settings(is_first=is_first)) as campaign:
            campaign.run(number)
        what = "first runs" if is_first else "further seeds"
        say(f"{self.study}: {what} of {number} mutants, {time.monotonic() - began:.0f} s")

    def _audit(self) -> None:
        with self._at_work(self.settings(is_first=True)) as campaign:
            audited = campaign.audit(self.audited)
        say(f"{self.study}: {len(audited)} decisions were checked")

    @contextmanager
    def _at_work(self, settings: Settings) -> Iterator[Campaign]:
        """Give the campaign, ready to run mutants, and write its export in the end."""
        try:
            with Campaign.create(
                settings, self.folder, jobs=self.jobs, progress=Said()
            ) as campaign:
                campaign.baseline()
                campaign.plan()
                # Otherwise each batch would need a clean run with probes.
                campaign.probe(self.mutants)
                yield campaign
        finally:
            # Also what was stopped has runs that another machine need not make again.
            INTERRUPTS.forget()
            if (self.folder / FILE_OF_CAMPAIGN).is_file():
                self._write()

    def _write(self) -> None:
        EXPORTS.mkdir(parents=True, exist_ok=True)
        new = self.export.with_name("new-" + self.export.name)
        Campaign.open(self.folder).export(new)
        new.replace(self.export)


class Said(NoProgress):
    """Progress that shows nothing but what is worth a line."""

    def say(self, text: str) -> None:
        """Print a line."""
        say(text)


def say(text: str) -> None:
    """Print a line with the time."""
    print(f"{datetime.now():%H:%M:%S} {text}", file=sys.stderr, flush=True)


@contextmanager
def alone(file: Path) -> Iterator[None]:
    """Keep the id of this process in a file, by which another one may stop it."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(str(os.getpid()), encoding="ascii")
    try:
        yield
    finally:
        file.unlink(missing_ok=True)


def stop(file: Path) -> None:
    """End the process whose id a file holds, and wait until it has written all."""
    with suppress(FileNotFoundError, ProcessLookupError):
        pid = int(file.read_text(encoding="ascii"))
        os.kill(pid, signal.SIGTERM)
        while file.exists():
            os.kill(pid, 0)
            time.sleep(0.2)


def main(arguments: Sequence[str]) -> int:
    """Go on with the studies that are named, or stop."""
    INTERRUPTS.listen()
    options = _parser().parse_args(arguments)
    mark = options.cache / "pid"
    if options.stop:
        stop(mark)
        return 0
    until = (
        datetime.combine(datetime.now(), options.until.time()).timestamp()
        if options.until
        else 1e12
    )
    try:
        with alone(mark):
            for study in options.study or WANTED:
                number = options.mutants or {**WANTED, **SUCCESSORS}[study]
                batches = Batches(study, number, options.batch, options.jobs, until, options.cache)
                is_quick = options.quick and study in WANTED
                replace(batches, is_quick=is_quick, audited=options.audit).run()
    except TrainwreckError as error:
        say(str(error))
        return int(error.exit_code)
    except KeyboardInterrupt:
        say("stopped; the same command goes on")
        return int(ExitCode.INTERRUPTED)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    names = [*WANTED, *SUCCESSORS, []]
    parser.add_argument("study", nargs="*", choices=names, help="go on with these alone")
    parser.add_argument("--mutants", type=int, metavar="N", help="run N instead of the paper's")
    quick = "run the paper's libraries at `quick` instead of the paper's settings"
    parser.add_argument("--quick", action="store_true", help=quick)
    parser.add_argument("--batch", type=int, default=BATCH, metavar="N", help="mutants per export")
    audit = "check N decisions of rules at the end, each by a complete run"
    parser.add_argument("--audit", type=int, default=0, metavar="N", help=audit)
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument(
        "--until",
        type=clock_time.fromisoformat,
        metavar="HH:MM",
        help="begin no batch after this time of today",
    )
    parser.add_argument("--stop", action="store_true", help="end what runs elsewhere, and wait")
    parser.add_argument(
        "--cache",
        type=Path,
        default=cache_folder() / "replication",
        metavar="DIR",
        help="the folder of the campaigns",
    )
    return parser


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
