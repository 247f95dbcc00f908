"""Tables IV, V and VI of the paper: the symptoms by root, by operator and by phase."""

from collections import Counter
from collections.abc import Sequence

from trainwreck.findings.heads import operator_heads
from trainwreck.findings.judged_campaign import JudgedCampaign, nothing, side_by_side
from trainwreck.findings.tables import by_root, no_weighting
from trainwreck.model import APP, IMPORT_PHASE, NO_VERDICT, Gap, Judged, Share, Symptom, Table

IN_ALL = "in all"
PROGRAM, LIBRARIES = "program", "libraries"
NO_PHASE = "not in a clean run"
SYMPTOMS = tuple(symptom.value for symptom in Symptom)
PHASE_NOTE = (
    "A mutant counts in every phase in which its line runs, as in the paper. Lines: the program's "
    f"own, executed in that phase. `{IMPORT_PHASE}` is what runs before the first phase begins."
)


def table_four(studies: Sequence[JudgedCampaign]) -> Table:
    """Return Table IV: symptoms by root and in all.

    Several campaigns share the rows *program* and *libraries* instead of their roots.
    """
    heads, classes = [PROGRAM, LIBRARIES], symptom_classes(studies)
    if len(studies) == 1:
        heads = list(by_root(studies[0].judged))
    return side_by_side(
        "table-4",
        f"Table IV: symptoms of {_names(studies)}",
        studies,
        [*heads, IN_ALL],
        titles_of(classes),
        lambda study, head: symptoms(
            [item for item in study.judged if _in_root(item, head)], classes
        ),
        " ".join(filter(None, [*map(_left, studies), no_weighting(studies)])),
    )


def _in_root(item: Judged, head: str) -> bool:
    match head:
        case "in all":
            return True
        case "program":
            return item.mutant.root == APP
        case "libraries":
            return item.mutant.root != APP
    return item.mutant.root == head


def _names(studies: Sequence[JudgedCampaign]) -> str:
    return ", ".join(study.name for study in studies) or "no study"


def _left(study: JudgedCampaign) -> str:
    done = len(study.judged)
    text = f"{study.planned} mutants planned, {done} judged, {study.planned - done} left."
    return f"{study.name}: {text}"


def table_five(studies: Sequence[JudgedCampaign]) -> Table:
    """Return Table V: symptoms by operator."""
    heads = operator_heads(item for study in studies for item in study.judged)
    groups = {id(study): heads.groups(study.judged) for study in studies}
    classes = symptom_classes(studies)

    def cells(study: JudgedCampaign, head: str) -> Sequence[object]:
        members = study.judged if head == IN_ALL else groups[id(study)][head]
        return symptoms(members, classes)

    title = "Table V: symptoms by operator"
    note = no_weighting(studies)
    columns = titles_of(classes)
    return side_by_side("table-5", title, studies, [*heads.heads, IN_ALL], columns, cells, note)


def table_six(studies: Sequence[JudgedCampaign]) -> Table:
    """Return Table VI: symptoms by phase; a mutant counts in each of its phases."""

    def cells(study: JudgedCampaign, head: str) -> Sequence[object]:
        members = [item for item in study.judged if head in (item.phases or (NO_PHASE,))]
        lines = study.phase_lines.get(head) or nothing(Gap.NOT_KNOWN, 1)[0]
        return lines, *symptoms(members, classes)

    title, classes = "Table VI: symptoms by phase", symptom_classes(studies)
    columns = ("Lines", *titles_of(classes))
    note = " ".join(filter(None, (PHASE_NOTE, no_weighting(studies))))
    return side_by_side("table-6", title, studies, phases_of(studies), columns, cells, note)


def phases_of(studies: Sequence[JudgedCampaign]) -> list[str]:
    """Return all phases in the programs' order, then ``NO_PHASE`` if a mutant has no phase."""
    phases = dict.fromkeys(phase for study in studies for phase in study.phases)
    phases |= dict.fromkeys(p for study in studies for item in study.judged for p in item.phases)
    some_without = any(not item.phases for study in studies for item in study.judged)
    return [*phases, *([NO_PHASE] if some_without or not phases else [])]


def symptom_classes(studies: Sequence[JudgedCampaign]) -> tuple[str, ...]:
    """Return the symptoms, and ``no verdict`` if some mutant has none."""
    occurring = {item.verdict.symptom_class for study in studies for item in study.judged}
    return (*SYMPTOMS, NO_VERDICT) if NO_VERDICT in occurring else SYMPTOMS


def titles_of(classes: Sequence[str]) -> tuple[str, ...]:
    """Return the columns of a table with a share for each class."""
    return (*(name.capitalize() for name in classes), "Total")


def symptoms(judged: Sequence[Judged], classes: Sequence[str]) -> tuple[object, ...]:
    """Return a share for each class, and the total; empty cells where there is no mutant."""
    total = len(judged)
    if not total:
        return nothing(Gap.NO_MUTANT, len(classes) + 1)
    counts = Counter(item.verdict.symptom_class for item in judged)
    return (*(Share(counts[name], total) for name in classes), total)
