"""The table of causes of crashes, in the five classes of the paper."""

from collections.abc import Sequence

from trainwreck.findings.judged_campaign import JudgedCampaign
from trainwreck.model import Cause, Gap, Judged, Missing, Share, Symptom, Table

CLASSES = {
    Cause.RAISE_UNDER_CONDITION: "`raise` or `assert` under a changed condition",
    Cause.ASSIGNMENT_UNDER_CONDITION: "wrong assignment under a changed condition",
    Cause.TYPE_ERROR: "type error from a wrong operator",
    Cause.DIMENSION: "mismatch of dimensions or indices",
    Cause.ASSIGNED_VALUE: "wrong assigned value",
    Cause.OTHER: "other",
}
PUBLISHED = {
    Cause.RAISE_UNDER_CONDITION: 11,
    Cause.ASSIGNMENT_UNDER_CONDITION: 9,
    Cause.TYPE_ERROR: 8,
    Cause.DIMENSION: 4,
    Cause.ASSIGNED_VALUE: 3,
    Cause.OTHER: 0,
}
"""Number of crashes of each class among the 35 that the paper judged by hand (section IV-B)."""

NOTE = (
    "Rules decide the cause from the edit, the exception and the traceback; docs/crash-causes.md "
    "compares them with a human reader. The paper's authors judged 35 of their crashes by hand."
)


def table_causes(studies: Sequence[JudgedCampaign]) -> Table:
    """Count the crashes by cause, beside the published numbers."""
    crashes = [_crashes(study) for study in studies]
    total = sum(PUBLISHED.values())
    rows = [
        (CLASSES[cause], *(_share(own, cause) for own in crashes), Share(PUBLISHED[cause], total))
        for cause in Cause
    ]
    unknown = [sum(item.verdict.cause is None for item in own) for own in crashes]
    if any(unknown):
        shares = [Share(n, len(own)) for n, own in zip(unknown, crashes, strict=True)]
        rows.append(("not known", *shares, None))
    names = [study.name for study in studies]
    title = "Causes of crashes"
    return Table("causes", title, ("", *names, "Published"), tuple(rows), NOTE)


def _crashes(study: JudgedCampaign) -> list[Judged]:
    return [item for item in study.judged if item.verdict.symptom is Symptom.CRASH]


def _share(crashes: Sequence[Judged], cause: Cause) -> object:
    if not crashes:
        return Missing(Gap.NO_CRASH)
    return Share(sum(item.verdict.cause is cause for item in crashes), len(crashes))
