"""A campaign with every kind of run, and files that are made from it."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from build import ENVIRONMENT, failure, many_mutants, outcome
from trainwreck.campaign.transfer import export_campaign, import_records
from trainwreck.errors import UsageError
from trainwreck.model import (
    APP,
    ChainedError,
    Draw,
    Ending,
    Environment,
    Exit,
    FileFrame,
    Frame,
    Outcome,
    PlannedMutant,
    Probe,
    ProbeKind,
    Report,
    SourceSize,
    Stratum,
    StratumFrame,
    Trial,
    TrialKind,
)
from trainwreck.store.campaign_file import CampaignFile

Edit = Callable[[dict[str, Any]], Any]

BASE = "/home/anna/my code"
MUTANTS = many_mutants(7)
MASKED, MOVED, CRASHED, HUNG, AUDITED, GONE, WAITING = MUTANTS
FACTS = [
    "meta",
    "frame",
    "executed",
    "mutant",
    "source",
    "environment",
    "run",
    "probe",
    "same_code",
]
PLAIN_CRASH = failure(message=f"no \ud800 file {BASE}/a.csv", frames=[Frame("train.py", 1, "fit")])
OPENING = Frame("train.py", 7, "read", f"open('{BASE}/a.csv')")
FITTING = Frame("train.py", 1, "fit", "read(path)")
CHAIN = (
    ChainedError("OSError", f"{BASE}/a.csv", (OPENING,)),
    ChainedError(PLAIN_CRASH.type, PLAIN_CRASH.message, (FITTING,)),
)
CRASH = replace(PLAIN_CRASH, chain=CHAIN)


class Adding:
    """Runs of a campaign, each with times of its own."""

    def __init__(self, file: CampaignFile) -> None:
        self.file, self.number = file, 0

    def __call__(
        self,
        kind: TrialKind,
        draw: Draw,
        repeat: int = 0,
        bug: Any = None,
        log: bytes = b"said",
        environment: Environment = ENVIRONMENT,
        **known: Any,
    ) -> None:
        self.number += 1
        trial = Trial("s", kind, draw.seed, draw.fold, repeat, bug)
        seconds = 20 + self.number / 7
        run: Outcome = replace(
            outcome(seconds=seconds, cpu_seconds=seconds - 1, **known), trial_id=trial.id
        )
        self.file.add_run(trial, run, log, environment)


def value(draw: Draw, change: float = 0.0) -> dict[str, Any]:
    last = 0.7 + (draw.seed + 10 * draw.fold) / 1000 + change
    steps = {"accuracy": ("0.5", repr(last)), "loss": ("inf", "nan")}
    return {"steps": steps, "parameters": f"p{last}", "work": {"epochs": 2}}


def fill(file: CampaignFile) -> None:
    """Every kind of run, and something in every table."""
    file.set_meta("subject", "tiny")
    file.set_meta("metrics", ["accuracy"])
    measure = {"name": "accuracy", "pattern": "x", "better": "higher", "range": [0, 1]}
    file.set_meta("measures", [measure])
    file.set_meta("bases", {APP: BASE})
    file.set_meta("reported", {"data": f"{BASE}/data"})
    file.set_meta("versions", {"keras": None})
    file.set_executed({(APP, "train.py"): {1: ["import"], 2: ["import", "learning"]}})
    file.set_sources([SourceSize(APP, "train.py", 10, 3), SourceSize("keras", "a.py", None, None)])
    planned = [PlannedMutant(bug, ("learning",)) for bug in MUTANTS if bug is not GONE]
    strata = [
        StratumFrame(APP, "train.py", Stratum.CODE, 21, 7, 1 / 3),
        StratumFrame(APP, "train.py", Stratum.ANNOTATION, 4, 0, 0.0),
    ]
    frame = FileFrame(APP, "train.py", 7, 7, 0, 7, 7, 7, 7, f"no {BASE}/x")
    file.set_plan(planned, [frame], strata)
    file.set_probes([Probe(MASKED.id, "t", ProbeKind.VALUE, 3, 1, f"{BASE}/y", (1, 2), 1, "")])
    file.set_same_code({MASKED.id: False, WAITING.id: False})
    add = Adding(file)
    add(TrialKind.WARMING, Draw(0))
    for draw in (Draw(0), Draw(1), Draw(0, 1)):
        add(TrialKind.CLEAN, draw, **value(draw))
    add(TrialKind.CLEAN, Draw(0), 1, **value(Draw(0)))
    add(TrialKind.COVERAGE, Draw(0), **value(Draw(0)))
    add(TrialKind.CONTROL, Draw(0), environment=Environment("3.12", {}), **value(Draw(0)))
    add(TrialKind.PROBE, Draw(0), **value(Draw(0)))
    add(TrialKind.STEM, Draw(0), **value(Draw(0)))
    add(TrialKind.TOGETHER, Draw(0), **value(Draw(0), -0.3))
    add(TrialKind.CHECK, Draw(0), steps={})
    add(TrialKind.CHECK, Draw(0), bug=MOVED, exit=Exit(Ending.EXITED, 1), steps={})
    fill_mutants(add)


def fill_mutants(add: Adding) -> None:
    report = Report(("accuracy", "loss"), 1.5, 1.25, 3)
    add(TrialKind.MUTANT, Draw(0), bug=MASKED, reports=(report,), first_hit=0.1, **value(Draw(0)))
    for draw in (Draw(0), Draw(1), Draw(0, 1)):
        add(TrialKind.MUTANT, draw, bug=MOVED, log=b"\xff caf\xc3\xa9", **value(draw, -0.2))
    add(
        TrialKind.MUTANT,
        Draw(0),
        bug=CRASHED,
        exit=Exit(Ending.EXITED, 1),
        error=CRASH,
        steps={},
        log=f"Traceback (most recent call last):\n  {BASE}/train.py".encode(),
    )
    add(
        TrialKind.MUTANT,
        Draw(0),
        bug=HUNG,
        exit=Exit(Ending.TIME, 9),
        steps={},
        stack=f'File "{BASE}/train.py"',
    )
    add(
        TrialKind.MUTANT,
        Draw(0),
        bug=AUDITED,
        settled="cut",
        states={"learning": "s"},
        **value(Draw(0)),
    )
    add(TrialKind.AUDIT, Draw(0), bug=AUDITED, **value(Draw(0)))
    add(TrialKind.MUTANT, Draw(0), bug=GONE, **value(Draw(0)))


def exported(campaign: Path, out: Path, **options: Any) -> Path:
    with CampaignFile.open(campaign) as file:
        export_campaign(file, out, **options)
    return out


def lines_of(path: Path, *kinds: str) -> list[dict[str, Any]]:
    found = [json.loads(line) for line in path.read_bytes().splitlines()]
    return [line for line in found if not kinds or line["kind"] in kinds]


def rows(campaign: Path, table: str) -> list[Any]:
    with sqlite3.connect(campaign / "campaign.sqlite") as connection:
        found = connection.execute(f"SELECT * FROM {table}").fetchall()
    return [row for row in found if not (table == "meta" and row[0] == "bases")]


def refused(source: Path, campaign: Path, **options: Any) -> str:
    """What is said of a file that cannot be imported, of which nothing is kept."""
    with pytest.raises(UsageError) as error:
        import_records(source, campaign, **options)
    assert not list(campaign.glob("campaign.sqlite*"))
    return error.value.what


def edited(records: Path, source: Path, kind: str, number: int, edit: Edit) -> int:
    """Change one record of a kind; gives its line."""
    lines = [json.loads(line) for line in records.read_bytes().splitlines()]
    chosen = [i for i, line in enumerate(lines) if line["kind"] == kind][number]
    edit(lines[chosen])
    source.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return chosen + 1


SUBJECT = {"kind": "subject", "name": "theirs"}
CRASH_RECORD = {"kind": "mutant", "operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 3}
NORMAL_RECORD = {
    "kind": "mutant",
    "operator": "NVR",
    "symptom": "normal",
    "file": "b.py",
    "line": 4,
    "runs": [{"metrics": {"accuracy": 0.7}}],
}
CLEAN_RECORD = {"kind": "clean", "metrics": {"accuracy": 0.75}}


def foreign(folder: Path, *lines: Any, subject: Any = SUBJECT) -> Path:
    source = folder / "theirs.jsonl"
    source.write_text("\n".join(json.dumps(line) for line in (subject, *lines)))
    return source
