"""A program of many files: its working copy is kept from trial to trial, and never shows."""

import sys
from pathlib import Path

import pytest

from trainwreck import Campaign
from trainwreck.model import TrialKind
from trainwreck.run import sandbox
from trainwreck.run.kept_copies import FEWEST
from trainwreck.run.stem.trusted import shows_changes
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = pytest.mark.process

FEW = 3
SETTINGS = """
[subject]
name = "many"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'

[mutants]
per_file = 16

[trials]
seeds = 1
rules = []
"""
PROGRAM = """
from pathlib import Path

state = Path(__file__).with_name("state.txt")
before = int(state.read_text())
state.write_text(str(before + 1))
Path(__file__).with_name("new.txt").open("a").write("x")
written = len(Path(__file__).with_name("new.txt").read_text())

total = 0
for number in range(8):
    if number > 3 and before < 7:
        total += number
unused = total > 5
print("accuracy:", total / 100 + before + written)
"""


def test_mutants_of_a_program_with_many_files_never_see_what_others_wrote(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = tmp_path / "program"
    program.mkdir()
    for number in range(FEWEST + 1):
        (program / f"module{number}.py").write_text(f"value = {number}\n")
    (program / "state.txt").write_text("0")
    (program / "train.py").write_text(PROGRAM)
    (program / FILE_NAME).write_text(SETTINGS)
    made: list[Path] = []

    def counted(folder: Path, copy: Path, *arguments: object, **options: bool) -> None:
        made.append(copy)
        copy_subject(folder, copy, *arguments, **options)  # type: ignore[arg-type]

    copy_subject = sandbox.copy_subject
    monkeypatch.setattr(sandbox, "copy_subject", counted)
    settings = load_settings(program / FILE_NAME, python=sys.executable)
    with Campaign(tmp_path / "campaign", settings, cache=tmp_path / "cache") as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run()
        with campaign.session() as session:
            is_kept = session.subject.context.policy.means and shows_changes(tmp_path)
            outcomes = [outcome for _, _, outcome in session.file.outcomes(TrialKind.CLEAN)]
            outcomes += [
                outcome
                for _, mutant, outcome in session.file.outcomes(TrialKind.MUTANT)
                if mutant in unused(campaign)
            ]
    assert {outcome.steps["accuracy"] for outcome in outcomes} == {("1.22",)}
    assert len(outcomes) > FEW
    if is_kept:
        assert len(made) < FEW


def unused(campaign: Campaign) -> set[str]:
    """The ids of the mutants whose line has no part in the result."""
    line = PROGRAM.splitlines().index("unused = total > 5") + 1
    return {item.mutant.id for item in campaign.mutants() if item.mutant.lines[0] == line}
