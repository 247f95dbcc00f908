"""Reports in which each mutant has an entry, in the formats of other tools."""

from collections.abc import Callable, Sequence

from trainwreck.report.junit import junit
from trainwreck.report.sarif import sarif
from trainwreck.report.stryker import stryker
from trainwreck.results.reported_mutants import ReportedMutants

MUTANT_TEXTS: dict[str, Callable[[Sequence[ReportedMutants]], str]] = {
    "stryker": stryker,
    "junit": junit,
    "sarif": sarif,
}
