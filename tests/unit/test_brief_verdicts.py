"""Brief verdicts, by which mutants are counted, beside those with their evidence."""

from itertools import islice, product
from pathlib import Path

import pytest

from build import determinism, failure, mutant, outcome
from exchanging import fill
from trainwreck.judge.baseline_evidence import CleanRuns, DeterminismCheck
from trainwreck.judge.early_rules import Facts
from trainwreck.judge.verdicts import brief_verdict_of, verdict_of
from trainwreck.model import (
    Ending,
    Exit,
    Outcome,
    Probe,
    ProbeKind,
    Rule,
    Selection,
    Verdict,
)
from trainwreck.results.evidence import Evidence
from trainwreck.store.campaign_file import CampaignFile

METRICS = ("accuracy",)
CLEAN = outcome()
KNOWN = {
    "one result": determinism(CLEAN.digest),
    "two results": determinism(CLEAN.digest, outcome(steps={"accuracy": ("0.6",)}).digest),
    "never the same result": determinism(CLEAN.digest, "other", runs=2),
}
EXITS = [Exit(Ending.EXITED, 0), *(Exit(ending, 1) for ending in Ending)]
STEPS = [CLEAN.steps, {"accuracy": ("0.1",)}, {"loss": ("0.1",)}, {}]
SECONDS = [
    None,
    CLEAN,
    outcome(steps={"accuracy": ("0.1",)}),
    outcome(hits=0),
    outcome(exit=Exit(Ending.EXITED, 1)),
    outcome(exit=Exit(Ending.LOST, 0)),
]
PROBES = [
    None,
    Probe("m", "t", ProbeKind.VALUE, 3, 0, "", (), 3, ""),
    Probe("m", "t", ProbeKind.EVALUATIONS, 3, 0, "", (), 3, ""),
]


def conclusion(verdict: Verdict | None) -> tuple[object, ...]:
    if verdict is None:
        return ()
    kinds = verdict.symptom_class, verdict.rung_class
    return (verdict.mutant_id, verdict.symptom, verdict.rung, *kinds, verdict.ending)


def runs() -> list[Outcome]:
    ended = [
        outcome(exit=exit_, steps=steps, hits=hits, error=error)
        for exit_, steps, hits, error in product(EXITS, STEPS, (None, 0, 5), (None, failure()))
    ]
    rules = ("", Rule.HORIZON, Rule.TOGETHER)
    return [
        *ended,
        *(
            outcome(settled=rule, hits=hits, checkpoint="c")
            for rule, hits in product(rules, (0, 5))
        ),
        outcome(settled=Rule.STUCK, exit=Exit(Ending.STUCK, 15)),
    ]


@pytest.mark.parametrize("known", KNOWN.values(), ids=KNOWN)
def test_brief_verdict_of_concludes_what_verdict_of_does(known: DeterminismCheck) -> None:
    clean = CleanRuns(known, steps=(CLEAN.steps,))
    changed, seen = mutant(), set()
    for run, second, probe in product(runs(), SECONDS, PROBES):
        facts = Facts(run, probe=probe, probe_digest=CLEAN.digest, second=second)
        whole = conclusion(verdict_of(changed, facts, clean, METRICS))
        assert conclusion(brief_verdict_of(changed, facts, clean, METRICS)) == whole
        seen.add(whole)
    assert len(seen) >= 8  # They are of many kinds.


def test_brief_verdict_of_a_mutant_that_a_rule_settles_is_that_of_the_rule() -> None:
    clean = CleanRuns(KNOWN["one result"], steps=(CLEAN.steps,))
    for facts in (Facts(), Facts(same_code=True)):
        brief = brief_verdict_of(mutant(), facts, clean, METRICS)
        assert brief == verdict_of(mutant(), facts, clean, METRICS)


@pytest.fixture
def campaign(tmp_path: Path) -> Path:
    with CampaignFile.open(tmp_path, create=True) as file:
        fill(file)
        file.add_chosen(islice(file.mutants(), 1, 4))
    return tmp_path


@pytest.mark.parametrize("selection", Selection)
def test_first_verdicts_are_the_same_briefly(campaign: Path, selection: Selection) -> None:
    with CampaignFile.open(campaign) as file:
        evidence = Evidence(file)
        whole = list(evidence.first_verdicts(selection))
        brief = list(evidence.first_verdicts(selection, is_brief=True))
    assert whole
    assert [conclusion(item.verdict) for item in brief] == [
        conclusion(item.verdict) for item in whole
    ]
    strata = [(item.mutant.id, item.mutant.stratum) for item in whole]
    assert [(item.mutant.id, item.mutant.stratum) for item in brief] == strata


def test_outlines_are_the_planned_mutants_without_their_edits(campaign: Path) -> None:
    with CampaignFile.open(campaign) as file:
        planned, outlines = list(file.mutants()), list(file.outlines())
    assert planned
    for whole, outline in zip(planned, outlines, strict=True):
        one, other = whole.mutant, outline.mutant
        assert (one.id, one.stratum, one.lines) == (other.id, other.stratum, other.lines)
        assert one.is_counted_by_statement == other.is_counted_by_statement
        assert not other.edits
