"""The step `run --check`: checks of the user's own, with planted bugs and on the clean program.

A check's run is a trial of another command with the same bug, limits and walls. What it noticed is
concluded from the stored facts whenever it is asked for.
"""

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trainwreck.campaign.check_starts import check_answers, starts_of
from trainwreck.campaign.identity import remember
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.run import check_sources
from trainwreck.campaign.session import Session
from trainwreck.errors import CheckRefused, UsageError
from trainwreck.model import (
    CHECK,
    CIRCUMSTANCE,
    FIRST,
    Circumstance,
    Draw,
    Ending,
    Exit,
    Mutant,
    Outcome,
    PlannedMutant,
    Rung,
    Trial,
    TrialKind,
    check_trial,
    content_id,
    version_of,
)
from trainwreck.model.placeholders import names_in
from trainwreck.model.slot import MustStop, Slot
from trainwreck.mutants.files import application_files
from trainwreck.results.judged_campaign import judge_all, judge_chosen
from trainwreck.results.own_checks import LIMITS, VERSIONS, WATCHERS, clean_alarms
from trainwreck.run.busy import busy
from trainwreck.run.instructions import NO_INSTRUCTIONS, Instructions
from trainwreck.run.launcher import ColdLauncher, Launcher, TrialRequest, TrialResult
from trainwreck.run.limits import Limits
from trainwreck.run.stem.launcher import WarmLauncher
from trainwreck.source import hash_of
from trainwreck.stats.describe import exact_interval
from trainwreck.subject.settings import DescribedCheck, Settings

ENDS_NORMAL = (Rung.PROPAGATED, Rung.MASKED)
SEEN_FIRST = 5
"""Clean runs after which a check that failed in each of them is refused."""
EACH = 3
"""Clean runs of a check with a fixed seed in each circumstance."""
LOG_TAIL = 12
MISSING_MODULE = re.compile(r"No module named '?([\w.]+)'?")


@dataclass(frozen=True, slots=True)
class CheckLauncher:
    """Runs the command of a check for its trials, and the training for controls between them.

    ``threaded`` runs it with twice the threads. Trials of another version than the check's, such as
    its run with probes, are marked with that: no reader takes them for answers.
    """

    name: str
    version: str
    check: Launcher
    threaded: ColdLauncher
    training: ColdLauncher

    def batch(self, requests: Iterable[TrialRequest]) -> Iterable[Sequence[TrialRequest]]:
        """Group the trials that start warm; others pass alone."""
        return self.check.batch(requests)

    def launch(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        """Run trials of one kind: those of the check, or the training; see `Launcher.launch`."""
        if requests[0].trial.kind is not TrialKind.CHECK:
            yield from self.training.launch(requests, slot, must_stop)
            return
        for result in self._check(requests, slot, must_stop):
            yield self._marked(result) if result.trial.kind is TrialKind.CHECK else result

    def _marked(self, result: TrialResult) -> TrialResult:
        """Return a result of the check with the name of the check and its version."""
        circumstance = self._circumstance(result.trial)
        version = self.version if circumstance else result.trial.subject
        own = {"name": self.name, "version": version}
        if circumstance:
            own[CIRCUMSTANCE] = circumstance.value
        observed = {**result.outcome.observations, CHECK: own}
        return replace(result, outcome=replace(result.outcome, observations=observed))

    def _circumstance(self, trial: Trial) -> Circumstance | None:
        """Return the circumstance that a trial is made in, None for the usual ones."""
        named = {each.version(self.version): each for each in Circumstance}
        return named.get(trial.subject)

    def _check(
        self, requests: Sequence[TrialRequest], slot: Slot, must_stop: MustStop
    ) -> Iterator[TrialResult]:
        circumstance = self._circumstance(requests[0].trial)
        if circumstance is Circumstance.LOAD:
            with busy(slot.cpus):
                yield from self.check.launch(requests, slot, must_stop)
            return
        is_threaded = circumstance is Circumstance.THREADS
        launcher = self.threaded if is_threaded else self.check
        yield from launcher.launch(requests, slot, must_stop)


def run_checks(
    session: Session, names: Sequence[str], chosen: Sequence[PlannedMutant] | None = None
) -> int:
    """Run checks of the settings where they have not run yet; return the number of runs.

    Args:
        session: The campaign.
        names: The names of the checks.
        chosen: Mutants to run them on, instead of all that change the result without an error and
            a sample of the masked ones.

    Raises:
        UsageError: A check is unknown or refused, or no mutant changes the result.

    """
    checks = [_named(session.subject.settings, name) for name in dict.fromkeys(names)]
    remember(session.subject, session.file)
    mutants = None if chosen is None else [planned.mutant for planned in chosen]
    ran, refused = 0, []
    for check in checks:
        try:
            ran += _run_check(session, check, mutants)
        except CheckRefused as error:
            refused.append(error)
    if refused:
        for other in refused[:-1]:
            session.progress.say(f"{other.what}. {other.hint}")
        raise refused[-1]
    return ran


def _named(settings: Settings, name: str) -> DescribedCheck:
    by_name = {check.name: check for check in settings.checks}
    if name not in by_name:
        known = ", ".join(f"`{each}`" for each in by_name) or "none"
        raise UsageError(
            f"{settings.file} has no check `{name}`; it has {known}",
            f"Add a section [checks.{name}], or correct the name.",
        )
    return by_name[name]


def _run_check(session: Session, check: DescribedCheck, chosen: Sequence[Mutant] | None) -> int:
    """Run one check; one that the training itself prints has nothing to run."""
    limits = session.file.meta(LIMITS) or {}
    session.file.set_meta(LIMITS, {**limits, check.name: check.false_alarms})
    if not check.command and not check.watch:
        session.file.set_meta(WATCHERS, sorted({*(session.file.meta(WATCHERS) or ()), check.name}))
        session.progress.say(
            f"{check.name} watches inside the training: `trainwreck power` reads its runs"
        )
        return 0
    mutants = _mutants_of(session, check) if chosen is None else chosen
    check_sources(session, mutants)
    version = _version(session, check)
    versions = session.file.meta(VERSIONS) or {}
    session.file.set_meta(VERSIONS, {**versions, check.name: version})
    at_work = _at_work(session, check, version)
    limits, ran = _run_clean(at_work, check, version)
    ran += _run_in_circumstances(at_work, check, version, limits)
    trials = at_work.missing(check_trial(version, FIRST, mutant=mutant) for mutant in mutants)
    starts = starts_of(at_work, check.name, version, trials, limits)
    ran += _run(at_work, f"check {check.name}", trials, limits, starts)
    return ran + check_answers(at_work, check.name, version, trials, limits)


def _mutants_of(session: Session, check: DescribedCheck) -> list[Mutant]:
    """Return the mutants that change the result without an error, and some masked ones.

    The sample of the masked ones is by hashes of their ids: it stays when the campaign grows. Of
    those that somebody chose, such as bugs of the user's own, all are taken.
    """
    judged = judge_all(session.evidence)
    chosen = judge_chosen(session.evidence, {item.mutant.id for item in judged})
    matter = [item.mutant for item in judged if item.verdict.rung is Rung.PROPAGATED]
    matter += [item.mutant for item in chosen if item.verdict.rung in ENDS_NORMAL]
    if not matter:
        raise UsageError(
            "no mutant of the campaign changes the result without an error",
            "Run more mutants with `trainwreck run` first.",
        )
    masked = [item.mutant for item in judged if item.verdict.rung is Rung.MASKED]
    masked.sort(key=lambda mutant: content_id(CHECK, mutant.id))
    return [*matter, *masked[: check.masked]]


def _version(session: Session, check: DescribedCheck) -> str:
    """Return the version of a check: of its command, of what the training is, and of its files."""
    command = _command_of(session, check)
    subject = replace(session.subject.settings.subject, command=command)
    files = sorted(_files_of(check.words, session.subject.context.folder))
    if check.watch and not files:
        raise UsageError(
            f"the check `{check.name}` has its function in {check.words[0]}, which is no file",
            f"Correct `watch` under [checks.{check.name}].",
        )
    hashes = [hash_of(path.read_bytes()) for path in files]
    watched = [check.watch] if check.watch else []
    return version_of(check.name, subject.fingerprint, hashes, *watched)


def _command_of(session: Session, check: DescribedCheck) -> tuple[str, ...]:
    """Return what runs for a check: its command, or the training that calls its function."""
    return check.command or session.subject.settings.subject.command


def _files_of(command: Iterable[str], folder: Path) -> Iterator[Path]:
    """Yield the files that a command names, and the Python files of folders that it names."""
    for word in command:
        path = folder / word.partition("::")[0]
        if path.is_file():
            yield path
        elif path.is_dir():
            yield from (source.path for source in application_files(path))


def _at_work(session: Session, check: DescribedCheck, version: str) -> Session:
    """Return the session with what runs the check's command instead of the training."""
    context = session.subject.context
    training = ColdLauncher(context)
    subject = replace(context.subject, command=_command_of(session, check))
    watchers = ((check.name, check.watch),) if check.watch else ()
    own = replace(context, subject=subject, watchers=watchers)
    twice = replace(own, subject=replace(subject, threads=2 * subject.threads))
    cold = ColdLauncher(own, training.copies)
    # Trials start warm where their instructions say so: those of campaigns that start cold do not.
    warm = WarmLauncher(own, cold, session.subject.interpreter, session.engine.jobs)
    launcher = CheckLauncher(
        check.name,
        version,
        warm,
        ColdLauncher(twice, training.copies),
        training,
    )
    return replace(session, launcher=launcher)


def run_clean(session: Session, check: DescribedCheck) -> list[Outcome]:
    """Run a check on the clean program alone; return its outcomes there.

    Raises CheckRefused where it fails there, or too often.
    """
    version = _version(session, check)
    at_work = _at_work(session, check, version)
    _run_clean(at_work, check, version)
    return _clean_of(at_work, version)


def _run_clean(session: Session, check: DescribedCheck, version: str) -> tuple[Limits, int]:
    """Run a check on the clean program; return the limits of its other runs, and the number.

    Raises CheckRefused where it fails there, or too often.
    """
    takes_seed = _takes_seed(session, check)
    places = [(i, 0) if takes_seed else (FIRST.seed, i) for i in range(check.clean)]
    trials = [check_trial(version, Draw(seed), repeat) for seed, repeat in places]
    settings = session.subject.settings.trials
    patient = settings.clean_timeout
    limits = Limits(patient, patient, settings.memory, disk=settings.disk)
    ran = 0
    for number in dict.fromkeys((1, min(SEEN_FIRST, check.clean), check.clean)):
        ran += _run(session, f"check {check.name}, clean program", trials[:number], limits)
        clean = _clean_of(session, version)
        _check_ends(session, check, clean)
        fine = [outcome for outcome in clean if outcome.exit.fine]
        if fine:
            limits = _limits_of(fine, settings.timeout_factor, limits)
        elif number == min(SEEN_FIRST, check.clean):
            raise _fails(session, check, clean[-1])
    _check_rate(check, _clean_of(session, version))
    return limits, ran


def _takes_seed(session: Session, check: DescribedCheck) -> bool:
    return "seed" in names_in(_command_of(session, check))


def _run_in_circumstances(
    session: Session, check: DescribedCheck, version: str, limits: Limits
) -> int:
    """Run a check with a fixed seed as others will run it, on the clean program.

    Its other runs are alike, so that they show no alarm which other threads or a busy machine
    raise. One that takes the seed meets chance already.
    """
    if _takes_seed(session, check):
        return 0
    trials = [
        check_trial(circumstance.version(version), FIRST, repeat)
        for circumstance in Circumstance
        for repeat in range(EACH)
    ]
    return _run(session, f"check {check.name}, clean program otherwise", trials, limits)


def _clean_of(session: Session, version: str) -> list[Outcome]:
    """Return the outcomes of a check on the clean program, in the usual circumstances."""
    found = []
    for _, mutant_id, outcome in session.file.outcomes(TrialKind.CHECK):
        own = outcome.observations.get(CHECK) or {}
        if mutant_id is None and own.get("version") == version and CIRCUMSTANCE not in own:
            found.append(outcome)
    return found


def _limits_of(fine: Collection[Outcome], factor: float, limits: Limits) -> Limits:
    seconds = max(outcome.seconds for outcome in fine)
    cpu_seconds = max(outcome.cpu_seconds for outcome in fine)
    return replace(Limits.from_clean(seconds, cpu_seconds, factor, limits.memory), disk=limits.disk)


def _check_ends(session: Session, check: DescribedCheck, clean: Sequence[Outcome]) -> None:
    """Raise CheckRefused where the first run of a check reached a limit of time."""
    first = clean[0].exit if clean else None
    if first and first.ending in (Ending.TIME, Ending.CPU):
        seconds = session.subject.settings.trials.clean_timeout
        raise CheckRefused(
            f"the check `{check.name}` did not end within {seconds:g} s on the clean program",
            "Make it end, or raise `clean_timeout` under [trials].",
        )


def _fails(session: Session, check: DescribedCheck, outcome: Outcome) -> CheckRefused:
    """Return the refusal of a check that fails without any bug."""
    log = session.file.log(outcome.trial_id)
    tail = "\n".join(f"    {line}" for line in log.strip().splitlines()[-LOG_TAIL:])
    missing = MISSING_MODULE.search(log)
    return CheckRefused(
        f"the check `{check.name}` fails on the clean program: {_end(outcome.exit)}; it printed:\n"
        f"{tail or '    (nothing)'}",
        f"Install what has the module `{missing[1]}` for {session.subject.interpreter.executable}."
        if missing
        else "Make it pass without a bug; what it measures otherwise is chance.",
    )


def _end(exit_: Exit) -> str:
    if exit_.fine:
        return "it fired"
    if exit_.ending is Ending.EXITED:
        return f"its exit status is {exit_.code}"
    return f"it ended by: {exit_.ending.value}"


def _check_rate(check: DescribedCheck, clean: Sequence[Outcome]) -> None:
    """Raise CheckRefused where a check raises too many alarms on the clean program."""
    alarms = clean_alarms(check.name, clean)
    if alarms.value <= check.false_alarms:
        return
    low, high = exact_interval(alarms.count, alarms.total)
    raise CheckRefused(
        f"the check `{check.name}` raises an alarm in {alarms.count} of {alarms.total} clean runs "
        f"({alarms.value:.0%}, 95 % interval {low:.0%} to {high:.0%}), more than its limit of "
        f"{check.false_alarms:.0%}",
        f"Make it steadier, or raise `false_alarms` under [checks.{check.name}].",
    )


def _run(
    session: Session,
    title: str,
    trials: Iterable[Trial],
    limits: Limits,
    starts: Callable[[Trial], Instructions] = lambda _: NO_INSTRUCTIONS,
) -> int:
    """Run the trials that are missing, as one piece of work; return their number."""
    missing = session.missing(trials)
    if missing:
        session.progress.begin(Title(Stage.CHECKS, title), len(missing))
        for _ in session.execute(missing, limits, starts):
            pass
        session.progress.end()
    return len(missing)
