"""The step `guard`: chosen checks as a pytest file, which the clean program passes."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from trainwreck.campaign.devices import slot_beside
from trainwreck.campaign.identity import remember
from trainwreck.campaign.own_checks import run_clean
from trainwreck.campaign.package_versions import package_versions
from trainwreck.campaign.session import Session
from trainwreck.errors import CheckRefused, UsageError
from trainwreck.findings.comparisons import Reference, Trajectory
from trainwreck.findings.guarding import Chosen, Guard, choose_guards, guardable, only_metrics
from trainwreck.findings.measured_checks import Observations, measured_checks
from trainwreck.model import FIRST, Metric, Outcome, Subject, Trial, TrialKind
from trainwreck.model.placeholders import fill
from trainwreck.report.guard import MARK, guard_text
from trainwreck.report.guard_body import kind_of_machine
from trainwreck.results.own import OwnResults
from trainwreck.results.power import read_observations, trajectory_of
from trainwreck.run.launcher import TrialRequest, run_trial
from trainwreck.run.variables import fixed_variables
from trainwreck.subject.settings import DescribedCheck

FILE_NAME = "test_trainwreck_guard.py"
GIVEN = ("seed", "fold", "folds")
"""Placeholders that a guard can fill in."""
BARE_RUNS = 2
GUARD_SLOT = 1001
"""A working copy of its own, apart from those of a campaign that may be running."""
LEAST_SECONDS = 60.0


@dataclass(frozen=True, slots=True)
class Written:
    """A guard and the file that it was written to."""

    file: Path
    guard: Guard


def write_guard(session: Session, out: Path | None, names: Sequence[str]) -> Written:
    """Write checks of one training as a pytest file, and run it on the clean program.

    Args:
        session: The campaign.
        out: The file, within the program's folder; by default beside other tests.
        names: The names of the checks; none for those that together notice most.

    Raises:
        UsageError: The program cannot be guarded so, or a check is unknown.
        CheckRefused: The clean program does not pass.

    """
    remember(session.subject, session.file)
    subject = session.subject.settings.subject
    file = _file(session.subject.context.folder, out)
    _check_placeholders(subject)
    printed = [metric for metric in subject.metrics if not metric.file]
    kind = session.environment.kind
    observed = read_observations(OwnResults(session.file), kind=kind)
    if kind not in observed.clean:
        raise UsageError(
            "a guard has golden values of the machine that it is written on, and no clean run was "
            "made on this kind of machine",
            "Run `trainwreck baseline` here first.",
        )
    seen = only_metrics(observed, {metric.name for metric in printed})
    chosen = _chosen(seen, names, observed)
    golden = _golden(session, seen, chosen, printed)
    guard = _guard(session, seen, chosen, golden, printed, file)
    file.write_text(guard_text(guard), encoding="utf-8")
    try:
        _check_passes(session, file)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return Written(file, guard)


def _file(folder: Path, out: Path | None) -> Path:
    """Return the file to write. Raises UsageError for one outside, and for one of the user's."""
    tests = folder / "tests"
    file = (out or (tests if tests.is_dir() else folder) / FILE_NAME).absolute()
    if not file.is_relative_to(folder.resolve()) and not file.is_relative_to(folder):
        raise UsageError(
            f"{file} is not in the folder of the program, {folder}", "Name a file within it."
        )
    if file.suffix != ".py" or not file.name.startswith("test_"):
        raise UsageError(f"pytest collects no file {file.name}", f"Name it as {FILE_NAME}.")
    if not file.parent.is_dir():
        raise UsageError(f"there is no folder {file.parent}", "Make it, or name another file.")
    if file.exists() and MARK not in file.read_text(encoding="utf-8", errors="replace"):
        raise UsageError(f"{file} is there, and is no guard", "Name another file with `--out`.")
    return file


def _check_placeholders(subject: Subject) -> None:
    unknown = sorted(subject.placeholders.difference(GIVEN))
    if unknown:
        raise UsageError(
            f"a guard cannot fill in `{{{unknown[0]}}}` in the command of the program",
            "Write what it stands for into `command` or `env`.",
        )


def _chosen(seen: Observations, names: Sequence[str], observed: Observations) -> Chosen:
    """Choose the checks of printed metrics, ``seen``; ``observed`` has all metrics."""
    usable = guardable(seen)
    for name in names:
        if name not in usable:
            known = ", ".join(f"`{each}`" for each in usable) or "none"
            raise UsageError(
                f"no check `{name}` without a false alarm can be written; there is {known}",
                "Correct the name, or leave out `--check`.",
            )
    chosen = choose_guards(seen, names)
    if not chosen.bugs:
        raise nothing_to_guard(seen, observed)
    return chosen


def nothing_to_guard(seen: Observations, observed: Observations) -> UsageError:
    """Return why no check of printed metrics can stand in a guard."""
    files = [f"`{name}`" for name in observed.metrics if name not in seen.metrics]
    if files and choose_guards(observed, ()).bugs:
        return UsageError(
            "a guard reads what the program prints, and the bugs of this campaign show only in "
            f"metrics that are read from files: {', '.join(files)}",
            "Print these values, and give the metrics a `pattern` instead of `file`.",
        )
    measured = [check for check in measured_checks(seen) if any(check.found)]
    if any(check.alarms.count for check in measured):
        return UsageError(
            "each check that notices a bug of this campaign also raises an alarm in clean runs",
            "See `trainwreck power`. Make the program repeat, or seed what it draws.",
        )
    if measured:
        return UsageError(
            "too few clean runs say how often a check raises a false alarm",
            "Raise `repeats` or `clean` under [trials], and run `trainwreck baseline`.",
        )
    return UsageError(
        "no check notices a bug of this campaign",
        "Run more mutants, or name metrics that show more, such as a loss.",
    )


def _golden(
    session: Session, seen: Observations, chosen: Chosen, metrics: Sequence[Metric]
) -> Outcome:
    """Return a run of the clean program as it is in the user's tests: without the agent.

    Raises UsageError where such runs raise an alarm: then only trainwreck makes it repeat.
    """
    runs = [_bare_run(session) for _ in range(BARE_RUNS)]
    names = {metric.name for metric in metrics}
    for run in runs:
        trajectory = trajectory_of(run)
        values = {name: v for name, v in trajectory.values.items() if name in names}
        mine = Trajectory(values, trajectory.work)
        for check in chosen.checks:
            known: Reference = seen.reference
            if not run.exit.fine or check.comparison.alarm(mine, known):
                raise UsageError(
                    "without trainwreck the clean program does not repeat what was measured: "
                    f"`{check.comparison.name}` raises an alarm",
                    "Let the program seed itself from `{seed}` in its command.",
                )
    return runs[0]


def _bare_run(session: Session) -> Outcome:
    context = replace(session.subject.context, agent=False)
    slot = slot_beside(GUARD_SLOT, context)
    trial = Trial(session.id, TrialKind.CONTROL, FIRST.seed)
    return run_trial(TrialRequest(trial, session.limits()), context, slot).outcome


def _guard(
    session: Session,
    seen: Observations,
    chosen: Chosen,
    golden: Outcome,
    metrics: Sequence[Metric],
    file: Path,
) -> Guard:
    subject, folds = session.subject.settings.subject, session.subject.context.folds
    values = {"seed": str(FIRST.seed), "fold": str(FIRST.fold), "folds": str(folds)}
    limit = session.subject.settings.trials.timeout_factor * golden.seconds
    python = session.subject.interpreter.version
    return Guard(
        subject=subject.name,
        checks=chosen.checks,
        noticed=chosen.noticed,
        chance=chosen.chance,
        bugs=chosen.bugs,
        files=chosen.files,
        command=tuple(fill(word, values) for word in subject.command),
        folder=Path(os.path.relpath(session.subject.context.folder, file.parent)).as_posix(),
        env=_variables(subject, values),
        golden={metric.name: golden.steps.get(metric.name, ()) for metric in metrics},
        usual=seen.reference.usual,
        patterns={metric.name: (metric.pattern, str(metric.stream or "")) for metric in metrics},
        machine={**kind_of_machine(), "python": ".".join(map(str, python[:2]))},
        versions=package_versions(session),
        left_out=tuple(metric.name for metric in subject.metrics if metric.file),
        seconds=round(max(LEAST_SECONDS, limit), 1),
    )


def _variables(subject: Subject, values: Mapping[str, str]) -> dict[str, str]:
    """Return the variables that could change results, as they are in every run."""
    names = {name: values[name.lower()] for name in ("SEED", "FOLD", "FOLDS")}
    own = {f"TRAINWRECK_{name}": text for name, text in names.items()}
    return fixed_variables(subject.threads) | own | {n: fill(v, values) for n, v in subject.env}


def _check_passes(session: Session, file: Path) -> None:
    """Raise CheckRefused unless the clean program passes the file, and no test of it skips."""
    name = file.relative_to(session.subject.context.folder).as_posix()
    command = ("-m", "pytest", "-q", "-p", "no:cacheprovider", name)
    check = DescribedCheck("guard", command, clean=1, masked=0, false_alarms=0.0)
    (run,) = run_clean(session, check)
    log = session.file.log(run.trial_id)
    if "skipped" in log or "passed" not in log:
        raise CheckRefused(f"the guard did not run in {file}: {log.strip()[-500:]}")
