"""The step `baseline`: clean runs that show what the program executes, reports and repeats."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from trainwreck.campaign.advice import advice_for
from trainwreck.campaign.controls import clean_problem
from trainwreck.campaign.identity import remember
from trainwreck.campaign.missing_metrics import explain_missing, mixed_problem
from trainwreck.campaign.outside import reached
from trainwreck.campaign.progress import Stage, Title
from trainwreck.campaign.session import Session
from trainwreck.errors import CleanProgramError, UsageError
from trainwreck.findings import reported_settings
from trainwreck.judge.comparison import ignores_seed
from trainwreck.judge.seed_use import seeds_to_ask
from trainwreck.model import (
    FIRST,
    Draw,
    Metric,
    Trial,
    TrialKind,
    values_that_count,
)
from trainwreck.model.draws import analysis_points
from trainwreck.model.trials import (
    clean_trials,
    coverage_trials,
    further_clean_trials,
    warming_trial,
)
from trainwreck.mutants.catalogue import measure_sources
from trainwreck.report.containment import reached as reached_words
from trainwreck.report.costs import ToCome, campaign_cost
from trainwreck.results.baseline import REPORTED, Baseline, read_baseline
from trainwreck.run.launcher import TrialResult
from trainwreck.run.limits import Limits
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.interpreter import Interpreter
from trainwreck.subject.settings import TrialSettings

LOG_TAIL = 12
ENOUGH_WITHOUT_NEWS = 12
"""Clean runs in a row without a new ending, after which no more are made."""
MOST_FURTHER = 36
"""The most clean runs that a campaign adds, as new endings may come for ever."""
ENOUGH_WITHOUT_REPEATING = 5
"""Clean runs with one seed and as many results, after which the program is said never to repeat."""


Executed = dict[tuple[str, str], dict[int, set[str]]]


def run_baseline(session: Session, mutants: int | None = None) -> Baseline:
    """Make the clean runs that are missing, but for those that only comparisons need.

    They show what the program executes, whether it repeats, and whether it uses the seed. The
    clean runs with further seeds follow in `complete_seeds`, once mutants are compared with them.

    Args:
        session: The campaign.
        mutants: Number of mutants that run afterwards, for the cost that is announced; None where
            it is not known.

    Raises:
        UsageError: The subject cannot be measured on this machine.
        CleanProgramError: A clean run does not work.

    """
    _prepare(session)
    first = _first_trials(session)
    for trial in first:
        # One at a time: nothing is known yet of what the program needs.
        for _ in _results(
            session, Title(Stage.FIRST_CLEAN, "first clean run"), [trial], _wide(session)
        ):
            _announce_services(session)
    _check_folds(session.file, session.subject.settings.trials.folds)
    others = _other_trials(session)
    _announce(session, others, mutants)
    measured = [
        _executed([result])
        for result in _results(session, Title(Stage.CLEAN, "clean runs"), others)
        if result.trial.kind is TrialKind.COVERAGE
    ]
    if measured:
        _keep_coverage(session.file, measured)
    _repeat_until_known(session)
    grow_after_news(session)
    ask_seeds(session)
    _check_margins(session.subject.settings.subject.metrics, session.file)
    _keep_reported(session)
    return read_baseline(session.evidence)


def _prepare(session: Session) -> None:
    subject, file = session.subject, session.file
    check_measurable(subject.interpreter)
    _check_name(subject.context.work)
    remember(subject, file)
    if file.meta("unstable_lines") is None:
        # An interrupted baseline kept no lines of its measured runs: measure again.
        file.forget_runs(TrialKind.COVERAGE)


def check_measurable(interpreter: Interpreter) -> None:
    """Raise UsageError where an interpreter cannot measure the executed lines."""
    if "coverage" not in interpreter.packages:
        raise UsageError(
            f"{interpreter.executable} has no coverage.py, which finds the executed lines",
            f"Run `{_installing(interpreter)} coverage`.",
        )


def _installing(interpreter: Interpreter) -> str:
    """Return the command that installs a package for an interpreter; uv brings no pip."""
    if "pip" in interpreter.packages:
        return f"{interpreter.executable} -m pip install"
    return f"uv pip install --python {interpreter.executable}"


def _check_name(folder: Path) -> None:
    """Raise UsageError for a folder in which coverage.py measures nothing."""
    try:
        str(folder).encode("utf-8")
    except UnicodeEncodeError:
        raise UsageError(
            f"runs would be in {folder}, whose name is no UTF-8, where coverage.py finds no "
            "executed lines",
            "Give a folder with another name with `--campaign DIR`.",
        ) from None


def _first_trials(session: Session) -> list[Trial]:
    """Return the trials that show whether the program works at all."""
    folds = min(session.subject.settings.trials.folds, 2)
    return [*_warming(session), *clean_trials(session.id, 1, 0, folds)]


def _other_trials(session: Session) -> list[Trial]:
    """Return the measured trials, the repeats, and a second seed."""
    trials = session.subject.settings.trials
    repeats = clean_trials(session.id, 1, trials.repeats, 1)[1:]
    second = clean_trials(session.id, min(trials.clean, 2), 0, 1)[1:]
    return [*coverage_trials(session.id), *repeats, *second]


def _wide(session: Session) -> Limits:
    """Return the limits of runs about which nothing is known yet."""
    trials = session.subject.settings.trials
    return Limits(trials.clean_timeout, trials.clean_timeout, trials.memory, disk=trials.disk)


def _make(
    session: Session, title: Title, trials: Iterable[Trial], limits: Limits | None = None
) -> None:
    """Make the clean runs that are missing, and check each."""
    for _ in _results(session, title, trials, limits):
        pass


def _results(
    session: Session, title: Title, trials: Iterable[Trial], limits: Limits | None = None
) -> Iterator[TrialResult]:
    """Make the clean runs that are missing; yield each result, checked."""
    missing = session.missing(trials)
    if missing:
        session.progress.begin(title, len(missing))
        for result in session.execute(missing, limits):
            _check(session, result)
            yield result
        session.progress.end()


def _announce(session: Session, trials: Iterable[Trial], mutants: int | None) -> None:
    """Say what the runs to come will cost, now that the first clean one has been measured."""
    missing = session.missing(trials)
    if missing:
        settings = session.subject.settings.trials
        seeds = _seeds(session.id, settings)
        later = len(session.missing(seeds)) - sum(trial in missing for trial in seeds)
        seconds = session.slowest_clean()
        further = settings.seeds * settings.folds - 1
        come = ToCome(len(missing), mutants, later, further)
        session.progress.say(campaign_cost(come, seconds, session.engine.jobs))


def _announce_services(session: Session) -> None:
    """Name the services that the first clean run used before others may fail for want of them."""
    if services := reached(session.file).services:
        session.progress.say(f"The first clean run used {reached_words((), services)}")


def _seeds(subject: str, settings: TrialSettings) -> list[Trial]:
    """Return one clean trial for each seed and fold; none where mutants are not compared."""
    if not analysis_points(settings.seeds, settings.folds):
        return []
    return clean_trials(subject, settings.clean, 0, settings.folds)


def _repeat_until_known(session: Session) -> None:
    """Repeat the first seed until a result comes twice, or it is clear that none does."""
    if not session.subject.settings.trials.repeats:
        return
    while (runs_so_far := _made_here(session)) < ENOUGH_WITHOUT_REPEATING:
        if session.evidence.clean[FIRST].determinism.repeats:
            return
        batch = min(session.engine.jobs, ENOUGH_WITHOUT_REPEATING - runs_so_far)
        trials = further_clean_trials(session.id, _made(session.file), batch)
        _make(session, Title(Stage.REPEATS, "further clean runs, as no two agree"), trials)


def ask_seeds(session: Session) -> None:
    """Make clean runs with further seeds while all end alike and that may be chance."""
    settings = session.subject.settings.trials
    while True:
        sample = session.evidence.clean_sample
        seeds = len({run.draw.seed for run in sample})
        _, _, first = next(session.file.outcomes(TrialKind.CLEAN, draw=FIRST))
        needed = min(settings.clean, seeds_to_ask(first))
        if seeds < 2 or seeds >= needed or not ignores_seed(sample):
            return
        more = min(needed, seeds + session.engine.jobs)
        trials = clean_trials(session.id, more, 0, 1)
        title = Title(Stage.SEED_USE, "clean runs with further seeds, as all ended alike")
        _make(session, title, trials)


def complete_seeds(session: Session) -> None:
    """Make the clean runs with all seeds and folds, which mutants are compared with."""
    trials = _seeds(session.id, session.subject.settings.trials)
    missing = session.missing(trials)
    if not missing:
        return
    _make(session, Title(Stage.CLEAN_SEEDS, "clean runs with other seeds"), missing)
    _check_margins(session.subject.settings.subject.metrics, session.file)


def _keep_reported(session: Session) -> None:
    """Keep the settings that the program printed, and the numbers of statements of its files."""
    subject, file = session.subject, session.file
    first_run = next(file.outcomes(TrialKind.CLEAN))[2]
    file.set_meta(REPORTED, reported_settings(file.log(first_run.trial_id)))
    if not file.sources():
        session.progress.say(f"files whose statements are counted: {len(subject.files)}")
        file.set_sources(
            measure_sources(subject.files, subject.interpreter, file.executed(), subject.cache)
        )


def _check_margins(metrics: Sequence[Metric], file: CampaignFile) -> None:
    """Raise UsageError where a margin is a share of a clean median of 0."""
    clean = [
        values_that_count(outcome.steps, metrics)
        for _, _, outcome in file.outcomes(TrialKind.CLEAN)
    ]
    for metric in metrics:
        values = [reported[metric.name] for reported in clean if metric.name in reported]
        if metric.margin and metric.margin.among(values) is None:
            raise UsageError(
                f"the margin of metric `{metric.name}` is {metric.margin} of the clean runs' "
                "median, which is 0",
                "Write the margin as a number, in the metric's own unit.",
            )


def _check_folds(file: CampaignFile, folds: int) -> None:
    """Raise UsageError where the second fold ends as the first one does."""
    if folds == 1:
        return
    ends = [
        {outcome.digest for _, _, outcome in file.outcomes(TrialKind.CLEAN, draw=Draw(0, fold))}
        for fold in range(2)
    ]
    if ends[1] and ends[1] <= ends[0]:
        raise UsageError(
            f"`folds = {folds}` changes nothing: with another fold the program ends the same",
            "Make it hold out the fold that `{fold}` or TRAINWRECK_FOLD names.",
        )


def grow_baseline(
    session: Session,
    enough: Callable[[], bool],
    reason: str = "as new results keep coming",
) -> None:
    """Make further clean runs with the first seed until there are enough.

    Args:
        session: the session that runs them.
        enough: returns whether to stop; asked before each batch.
        reason: words for the progress display.

    """
    further, batch = 0, min(session.engine.jobs, ENOUGH_WITHOUT_NEWS)
    while further < MOST_FURTHER and not enough():
        trials = further_clean_trials(session.id, _made(session.file), batch)
        _make(session, Title(Stage.REPEATS, f"further clean runs, {reason}"), trials)
        further += batch


def _made(file: CampaignFile) -> int:
    """Return the number of clean runs with the first seed."""
    return sum(1 for _ in file.outcomes(TrialKind.CLEAN, draw=FIRST))


def _made_here(session: Session) -> int:
    """Return the number of clean runs with the first seed on the kind of machine at work."""
    evidence, outcomes = session.evidence, session.file.outcomes(TrialKind.CLEAN, draw=FIRST)
    return sum(evidence.kind_of(outcome.trial_id) == evidence.here for _, _, outcome in outcomes)


def grow_until_quiet(session: Session, reason: str) -> None:
    """Make further clean runs until ``ENOUGH_WITHOUT_NEWS`` in a row have brought nothing new."""
    grow_baseline(session, lambda: not may_grow(session), reason)


def may_grow(session: Session) -> bool:
    """Return whether the clean runs repeat and have brought something new of late.

    A campaign makes ``MOST_FURTHER`` further ones at most, however often it is asked.
    """
    determinism = session.evidence.clean[FIRST].determinism
    news = determinism.without_news < ENOUGH_WITHOUT_NEWS
    most = 1 + session.subject.settings.trials.repeats + MOST_FURTHER
    return news and determinism.repeats and _made_here(session) < most


def grow_after_news(session: Session) -> None:
    """Make further clean runs where some run of the clean program ended unlike the others."""
    determinism = session.evidence.clean[FIRST].determinism
    if len(determinism.digests) > 1 or determinism.agreeing < determinism.watched:
        grow_until_quiet(session, "as new results keep coming")


def _warming(session: Session) -> list[Trial]:
    """Return the run that fills the compile cache; none where the subject keeps no cache."""
    if not session.subject.settings.subject.keeps_cache:
        return []
    if not session.subject.context.warm.is_dir():
        session.file.forget_runs(TrialKind.WARMING)
    return [warming_trial(session.id)]


def _check(session: Session, result: TrialResult) -> None:
    """Forget a clean run and raise CleanProgramError unless it is normal, with possible values."""
    trial = result.trial
    metrics, log = session.subject.settings.subject.metrics, result.log.decode("utf-8", "replace")
    problem = clean_problem(metrics, result.outcome) or mixed_problem(metrics, log)
    if not problem and trial.kind is TrialKind.COVERAGE and not result.covered:
        problem = f"no executed lines were measured ({', '.join(result.troubles) or 'unknown'})"
    if not problem:
        return
    session.file.forget_runs(trial.kind, trial.id)
    others = sum(1 for _ in session.file.outcomes(TrialKind.CLEAN))
    explain_missing(metrics, result.outcome, log, trial.seed, others)
    tail = log.strip().splitlines()[-LOG_TAIL:]
    said = "\n".join(f"    {line}" for line in tail) or "    (nothing)"
    executable = session.subject.interpreter.executable
    raise CleanProgramError(
        f"the clean program does not work: {problem}; it printed:\n{said}",
        advice_for(
            session.subject.settings,
            executable,
            result.outcome,
            log,
            session.subject.context.policy,
            reached(session.file).services,
            trial.seed if others and trial.seed != FIRST.seed else None,
        ),
    )


def _executed(measured: Iterable[TrialResult]) -> Executed:
    lines: Executed = {}
    for finished in measured:
        for phase, files in finished.covered.items():
            for root_and_file, numbers in files.items():
                for number in numbers:
                    lines.setdefault(root_and_file, {}).setdefault(number, set()).add(phase)
    return lines


def _keep_coverage(file: CampaignFile, measured: list[Executed]) -> None:
    """Keep the lines that every measured run executed; count those that only some did."""
    sets = [{(file_, line) for file_ in run for line in run[file_]} for run in measured]
    always = set.intersection(*sets)
    kept: dict[tuple[str, str], Mapping[int, set[str]]] = {}
    for root_and_file, lines in measured[0].items():
        if root_and_file[0]:
            kept[root_and_file] = {
                line: phases for line, phases in lines.items() if (root_and_file, line) in always
            }
    file.set_executed(kept)
    file.set_meta("unstable_lines", len(set.union(*sets) - always))
