"""The table of propagated mutants names whose impact each row has: findings/impacts.py."""

from dataclasses import replace

from trainwreck.findings import table_verdicts
from trainwreck.model import Compared, Impact, Rung
from user_bugs import bug, study


def test_an_impact_on_another_metric_is_named_with_it() -> None:
    item = bug("a", Rung.PROPAGATED, Impact.IMPROVED, Impact.UNDECIDED, Impact.SLOWER)
    compared = (
        Compared("accuracy", 3, 3, difference=0.01, impact=Impact.UNDECIDED),
        Compared("loss", 3, 3, difference=-0.2, impact=Impact.IMPROVED),
    )
    item = replace(item, verdict=replace(item.verdict, compared=compared))
    table = table_verdicts(study(item))
    assert table.title == "Propagated mutants of s: accuracy"
    assert [row[1] for row in table.rows] == ["improved (loss), undecided, slower"]


def test_an_impact_on_the_metric_itself_has_no_name() -> None:
    item = bug("a", Rung.PROPAGATED, Impact.DEGRADED)
    compared = (Compared("accuracy", 3, 3, difference=-0.3, impact=Impact.DEGRADED),)
    item = replace(item, verdict=replace(item.verdict, compared=compared))
    assert [row[1] for row in table_verdicts(study(item)).rows] == ["degraded"]
