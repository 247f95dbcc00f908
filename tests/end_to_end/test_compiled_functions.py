"""Programs that compile functions themselves, as Numba does: no bug in one is called a crash."""

from pathlib import Path

from trainwreck import Campaign
from trainwreck.model import Ending
from trainwreck.store.campaign_file import CampaignFile

PROGRAM = """\
def compiled(function):
    for name in function.__code__.co_names:
        if name not in ("abs", "round"):
            raise TypeError("untyped global name %r" % name)
    return function
@compiled
def loss_of(weight):
    return abs(weight - 0.5)
print("trainwreck: loss=%.4f" % loss_of(0.25))
"""
SETTINGS = """\
[subject]
name = "compiled"
command = ["train.py"]
[metrics.loss]
better = "lower"
[mutants]
operators = ["ArOR", "NVR"]
[trials]
clean = 2
repeats = 2
seeds = 1
"""


def test_a_bug_in_a_function_that_cannot_have_the_counter_has_no_verdict(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text(PROGRAM)
    (tmp_path / "trainwreck.toml").write_text(SETTINGS)
    with Campaign.create(tmp_path / "trainwreck.toml") as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run()
    with CampaignFile.open(campaign.folder) as file:
        runs = {first.planned.mutant.lines[0]: first.first for first in file.first_runs()}
    within, outside = runs[8], runs[9]
    assert within is not None
    assert outside is not None
    assert within.exit.ending is Ending.BROKEN
    assert "cannot compile the call that counts" in within.reason
    assert outside.exit.fine
    judged = {item.mutant.lines[0]: item.verdict for item in campaign.judged()}
    assert judged[8].symptom is None
    assert judged[9].symptom is not None
