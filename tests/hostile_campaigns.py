"""A campaign in which every text is hostile."""

from dataclasses import replace
from pathlib import Path

from build import edit_at, failure, mutant
from exchanging import Adding, value
from trainwreck.model import (
    APP,
    ChainedError,
    Draw,
    Ending,
    Environment,
    Exit,
    FileFrame,
    Frame,
    PlannedMutant,
    Stratum,
    StratumFrame,
    TrialKind,
)
from trainwreck.store.campaign_file import CampaignFile


def hostile_campaign(folder: Path, text: str) -> list[str]:
    """A campaign in which others wrote ``text`` everywhere; gives the ids of its mutants."""
    name = text.encode("utf-8", "replace").decode()  # Sources and their names are whole text.
    bugs = [
        mutant(
            file=f"{name}.py",
            function=name,
            edits=(edit_at(index, name, f"{name}-"),),
            anchor=f"a.{index}",
        )
        for index in range(3)
    ]
    frame = Frame(f"{text}.py", 1, text, text)
    error = failure(text, text, [frame])
    error = replace(error, chain=(ChainedError(text, text, (frame,)),) * 2)
    log = text.encode("utf-8", "surrogatepass") + b"\xff\n"
    measured = value(Draw(0))
    steps = {text: ("0.5", "0.7"), **measured.pop("steps")}
    folder.mkdir()
    with CampaignFile.open(folder, create=True) as file:
        file.set_meta("subject", text)
        file.set_meta("metrics", [text, "accuracy"])
        measures = [{"name": name, "pattern": "x"} for name in (text, "accuracy")]
        file.set_meta("measures", measures)
        file.set_meta("reported", {text: text})
        file.set_meta("versions", {text: text})
        planned = [PlannedMutant(bug, (text,)) for bug in bugs]
        strata = [StratumFrame(APP, f"{name}.py", Stratum.CODE, 21, 3, 1 / 3)]
        file.set_plan(planned, [FileFrame(APP, f"{name}.py", 3, 3, 0, 3, 3, 3, 3, text)], strata)
        add = Adding(file)
        other = Environment(text, {text: text})
        for number in range(3):
            add(TrialKind.CLEAN, Draw(0), number, log=log, steps=steps, **measured)
        changed = {**steps, text: ("0.5", "0.6")}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[0], log=log, environment=other, steps=changed)
        failed = {"exit": Exit(Ending.EXITED, 1), "error": error, "steps": {}, "stack": text}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[1], log=log, **failed)
        hung = {"exit": Exit(Ending.TIME, 9), "steps": {}, "stack": text}
        add(TrialKind.MUTANT, Draw(0), bug=bugs[2], log=log, **hung)
    return [bug.id for bug in bugs]
