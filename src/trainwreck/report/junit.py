"""Mutants as test cases of JUnit: a bug that hurts without an error is a test that fails."""

import os
import re
from collections.abc import Iterator, Sequence
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from trainwreck.findings import Fate, fate_of
from trainwreck.model import Judged, Mutant, PlannedMutant, Rung
from trainwreck.model.redaction import for_others
from trainwreck.report.printable import one_line
from trainwreck.report.sentences import why
from trainwreck.results.reported_mutants import ReportedMutants

ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""Characters that no document of XML 1.0 may hold, not even as references."""
COUNTS = {"failure": "failures", "error": "errors", "skipped": "skipped"}


def junit(reports: Sequence[ReportedMutants]) -> str:
    """Return XML with a suite for each file with mutants.

    Args:
        reports: The campaigns; of several, names of suites begin with the campaign's name.

    """
    root = Element("testsuites", name="trainwreck")
    for report in reports:
        prefix = f"{report.name}/" if len(reports) > 1 else ""
        suites: dict[str, Element] = {}
        for mutant, case in _cases(report):
            if mutant.file not in suites:
                suites[mutant.file] = SubElement(root, "testsuite", name=f"{prefix}{mutant.file}")
            suites[mutant.file].append(case)
    for suite in root:
        _count(suite)
    _count(root)
    _clean(root)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _cases(report: ReportedMutants) -> Iterator[tuple[Mutant, Element]]:
    """Yield each mutant with its test case."""
    for item in report.judged:
        yield item.mutant, _judged_case(item, report.seconds.get(item.mutant.id, 0.0))
    for planned in report.waiting:
        case = _case(planned, 0.0)
        SubElement(case, "skipped", message="It has not run yet.")
        yield planned.mutant, case


def _case(planned: PlannedMutant, seconds: float) -> Element:
    mutant = planned.mutant
    name = f"{mutant.name} ({mutant.id})"
    return Element("testcase", classname=mutant.file, name=name, time=f"{seconds:.3f}")


def _judged_case(item: Judged, seconds: float) -> Element:
    """Return a case that fails where the bug hurts, and errs where there is no verdict.

    A bug that is noticed passes, and so does one that leaves the result as it is or does no harm.
    """
    verdict = item.verdict
    case = _case(item.planned, seconds)
    effect = ", ".join([verdict.rung_class or "rung unknown", *verdict.impact])
    message = f"{effect}: {why(verdict)}"
    fate = fate_of(verdict)
    if fate in (Fate.HURTS, Fate.MAY_HURT):
        failure = SubElement(case, "failure", type=fate, message=message)
        failure.text = f"See more with `trainwreck show {item.mutant.id}`."
    elif fate is Fate.NO_VERDICT:
        SubElement(case, "error", type=fate, message=message)
    elif fate is Fate.UNKNOWN or verdict.rung is Rung.UNREACHED:
        SubElement(case, "skipped", message=message)
    else:
        SubElement(case, "system-out").text = message
    return case


def _count(suite: Element) -> None:
    """Give a suite, or all of them, the numbers of its cases."""
    cases = list(suite.iter("testcase"))
    suite.set("tests", str(len(cases)))
    for kind, name in COUNTS.items():
        suite.set(name, str(sum(case.find(kind) is not None for case in cases)))
    suite.set("time", f"{sum(float(case.get('time', 0)) for case in cases):.3f}")


def _clean(root: Element) -> None:
    """Take secrets, line ends and what XML cannot hold out of every text."""
    redact = for_others(os.environ)

    def clean(text: str) -> str:
        return ILLEGAL.sub(_escaped, one_line(redact(text)))

    for element in root.iter():
        element.text = clean(element.text) if element.text else element.text
        for name, value in element.items():
            element.set(name, clean(value))


def _escaped(match: re.Match[str]) -> str:
    return match[0].encode("unicode_escape").decode("ascii")
