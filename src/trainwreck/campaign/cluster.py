"""Chooses what runs the trials of a campaign: the slots of this machine, or a Ray cluster."""

from __future__ import annotations

import platform
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from trainwreck import __version__
from trainwreck.campaign.controls import clean_problem
from trainwreck.campaign.devices import devices_of, gpus_here, say_what_is_not_held
from trainwreck.campaign.origin import machine_of
from trainwreck.engine import NOT_THERE, Engine
from trainwreck.engine.local import LocalEngine, local_slots
from trainwreck.errors import TrainwreckError, need
from trainwreck.model import FIRST, Ending, TrialKind, content_id
from trainwreck.model.source import OF_KIND
from trainwreck.model.trials import control_on
from trainwreck.mutants.files import application_files
from trainwreck.results.evidence import Evidence
from trainwreck.run.context import RunContext
from trainwreck.run.home import user_home
from trainwreck.run.instructions import NO_INSTRUCTIONS
from trainwreck.run.launcher import TrialRequest, TrialResult
from trainwreck.run.no_verdict import unproven, without_facts
from trainwreck.source import hash_of
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.interpreter import survey

if TYPE_CHECKING:
    from trainwreck.campaign.campaign import Campaign
    from trainwreck.campaign.prepare import PreparedSubject


@contextmanager
def engine_of(campaign: Campaign, subject: PreparedSubject, file: CampaignFile) -> Iterator[Engine]:
    """Have the engine of a campaign ready. Raises UsageError where its cluster is not there."""
    work = subject.context.work
    if campaign.engine or campaign.ray is None:
        yield campaign.engine or _local_engine(campaign, subject.context)
        return
    need("runs on Ray", "ray", "ray")
    from trainwreck.engine.ray import RayEngine, Rehearsal
    from trainwreck.engine.ray_cluster import CheckedNodes, Needs, connected, living_nodes
    from trainwreck.engine.ray_folders import Folders

    ask = partial(
        node_facts,
        subject.context.folder,
        subject.context.campaign,
        subject.context.data,
        user_home(),
        subject.interpreter.executable,
        dict(subject.interpreter.variables),
    )
    settings, say = subject.settings, campaign.progress.say
    needs = Needs(settings.trials.memory, settings.subject.threads, subject.context.gpus)
    own = len(gpus_here(subject.context)) if campaign.ray == "" else 0
    context, kind = subject.context, subject.environment.kind
    folders = Folders(context.folder, context.campaign, (context.warm, context.fetched))
    folders.claim()
    with connected(campaign.ray, campaign.jobs, needs, own) as variables:
        nodes = CheckedNodes(ask, frozenset(OF_KIND), needs, say, folders)
        try:
            nodes()
            rehearsal = Rehearsal(
                partial(control_for, file), partial(problem_of_control, file, kind)
            )
            yield RayEngine(nodes, work, needs, lost, variables, say, folders, rehearsal)
        finally:
            folders.remove_copies(living_nodes())


def _local_engine(campaign: Campaign, context: RunContext) -> Engine:
    """Return the engine of this machine, with a GPU for each slot where runs have one."""
    devices = devices_of(context)
    say_what_is_not_held(context, campaign.jobs, devices, campaign.progress.say)
    threads = context.subject.threads
    slots = local_slots(campaign.jobs, context.work, devices, threads)
    if threads > 1 and context.subject.pin and not slots[0].cpus:
        campaign.progress.say(
            f"Runs share all processors: {len(slots)} at a time with {threads} threads each need "
            f"{len(slots) * threads} to have their own. Lower `--jobs` for that."
        )
    return LocalEngine(slots)


def node_facts(
    folder: Path,
    campaign: Path,
    data: Path | None,
    home: Path | None,
    python: str,
    variables: Mapping[str, str],
) -> dict[str, str]:
    """Return what must be alike on all machines that run trials of one campaign.

    Args:
        folder: The folder of the program.
        campaign: The folder of the campaign.
        data: The folder of the data that trainwreck has fetched for the program.
        home: The home of the user, from which and to which programs read and write.
        python: The interpreter of the program.
        variables: The variables that the program gets.

    """
    facts = {
        "Python of trainwreck": platform.python_version(),
        "trainwreck": __version__,
        f"the program's folder {folder}": _program(folder),
        f"the campaign's folder {campaign}": _there(campaign),
        **({f"the folder of the data {data}": _there(data)} if data else {}),
        **({f"the home folder {home}": _there(home)} if home else {}),
        **machine_of(),
    }
    try:
        environment = survey(python, (), variables).environment
    except TrainwreckError as error:
        return {**facts, "Python of the program": error.what}
    versions = {f"package {name}": text for name, text in environment.packages.items()}
    return {**facts, "Python of the program": environment.python, **versions}


def _there(folder: Path) -> str:
    return "there" if folder.is_dir() else NOT_THERE


def _program(folder: Path) -> str:
    """Return a hash of the files of a program."""
    if not folder.is_dir():
        return NOT_THERE
    files = application_files(folder)
    return content_id(*((file.file, hash_of(file.path.read_bytes())) for file in files))


def control_for(
    file: CampaignFile, requests: Sequence[TrialRequest], node: str
) -> list[TrialRequest] | None:
    """Return the clean run that a node makes before others; None before the campaign's first one.

    A node may lack what the program reads elsewhere, and every run would crash there.
    """
    first = requests[0]
    if next(file.outcomes(TrialKind.CLEAN), None) is None:
        return None
    trial = control_on(first.trial.subject, f"{node} {time.time_ns()}")
    return [TrialRequest(trial, first.limits, NO_INSTRUCTIONS)]


def problem_of_control(file: CampaignFile, kind: str, results: Sequence[TrialResult]) -> str:
    """Return why the clean run of a node does not count as one; an empty text where it does.

    It is compared with clean runs on its own kind of machine, that of the driver.
    """
    if not results:
        return "the clean program had no result there"
    evidence, outcome = Evidence(file), results[0].outcome
    if problem := clean_problem(evidence.metrics, outcome):
        return f"the clean program does not work there: {problem}"
    clean = evidence.clean_by_kind.get(kind, {}).get(FIRST)
    digests = clean.determinism.digests if clean and clean.determinism.repeats else frozenset()
    # Where it ends in several ways, this may be another one.
    if len(digests) == 1 and outcome.digest not in digests:
        return "the clean program ends otherwise there"
    return ""


def lost(requests: Sequence[TrialRequest], reason: str) -> Iterable[TrialResult]:
    """Return the results of trials that a machine has lost."""
    for request in requests:
        outcome = unproven(without_facts(request.trial, 0.0), Ending.LOST, reason)
        yield TrialResult(request.trial, outcome)
