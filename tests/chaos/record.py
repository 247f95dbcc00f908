"""The record of a campaign as far as it must not depend on what happened to the campaign."""

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from trainwreck import Campaign
from trainwreck.model import Outcome, Selection, TrialKind
from trainwreck.results.evidence import Evidence
from trainwreck.results.judged_campaign import judge_all
from trainwreck.store.campaign_file import CampaignFile

Record = Mapping[str, str]
"""One line of text for each fact, by its name."""

PASSED_OVER = "passed over, as the campaign died"
"""The beginning of the reason of a mutant that was not run again."""

TIMED = re.compile(r"seconds|wall|cpu|began|pid|rss")


def record_of(folder: Path) -> dict[str, str]:
    """Return every fact and verdict of a campaign but times and memory.

    Controls are one fact: their number may depend on time. Raises TrainwreckError.
    """
    with Campaign.open(folder).source() as source:
        facts = dict(_facts(source.file))
        judged = judge_all(Evidence(source.file)) if source.file.finished_ids() else []
        for item in judged:
            verdict = item.verdict
            words = (verdict.symptom, verdict.rung, verdict.decided_by, verdict.cause)
            facts[f"verdict {item.mutant.id}"] = " ".join(map(str, words))
    return facts


def _facts(file: CampaignFile) -> Iterator[tuple[str, str]]:
    for number, planned in enumerate(file.mutants()):
        yield f"planned {number}", f"{planned.mutant.id} {planned.phases}"
    for kind in TrialKind:
        yield from _runs(file, kind)
    for selection in Selection:
        for first in file.first_runs(selection):
            mutant = first.planned.mutant
            for run in file.runs_of(mutant.id):
                name = f"run {mutant.id} {run.kind} {run.draw} {run.repeat}"
                yield name, _outcome(run.outcome)
                yield f"log {name}", file.log(run.outcome.trial_id)
    for mutant_id, probe in file.probes().items():
        yield f"probe {mutant_id}", str(probe)
    yield "executed", json.dumps(sorted(map(str, file.executed().items())))


def _runs(file: CampaignFile, kind: TrialKind) -> Iterator[tuple[str, str]]:
    for draw, mutant, outcome in file.outcomes(kind):
        number = "" if kind is TrialKind.CONTROL else outcome.trial_id
        yield f"{kind} {draw} {mutant} {number}", _outcome(outcome)


def _outcome(outcome: Outcome) -> str:
    """Return the facts of a run that are the same whenever it is made."""
    error = outcome.error
    facts = {
        "exit": str(outcome.exit),
        "hits": outcome.hits,
        "steps": outcome.steps,
        "parameters": outcome.parameters,
        "error": error and (error.type, error.message, [str(frame) for frame in error.frames]),
        "phases": [(phase.name, phase.hits) for phase in outcome.phases],
        "planted": outcome.planted,
        "checkpoint": outcome.checkpoint,
        "settled": outcome.settled,
        "work": outcome.work,
        "observations": _without_times(outcome.observations),
    }
    return json.dumps(facts, sort_keys=True)


def _without_times(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {k: _without_times(v) for k, v in value.items() if not TIMED.search(str(k))}
    if isinstance(value, list | tuple):
        return [_without_times(each) for each in value]
    return value


def passed_over(record: Record) -> set[str]:
    """Return the ids of mutants that were passed over, as the campaign died twice at them."""
    return {
        name.split()[1]
        for name, fact in record.items()
        if name.startswith("run ") and PASSED_OVER in fact
    }


def differences(usual: Record, found: Record) -> dict[str, list[str]]:
    """Return the facts that were ``lost``, that are ``new``, and that are ``different``."""
    return {
        "lost": [name for name in usual if name not in found],
        "new": [name for name in found if name not in usual],
        "different": [
            f"{name}: {usual[name][:300]} / {found[name][:300]}"
            for name in usual
            if name in found and usual[name] != found[name]
        ],
    }
