"""Files and operators to mutants."""

from trainwreck.discover.files import SourceFile, application_files, library_files
from trainwreck.discover.listing import Listing, list_mutants
from trainwreck.discover.probes import ProbedText, Watched, probe_text

__all__ = [
    "Listing",
    "ProbedText",
    "SourceFile",
    "Watched",
    "application_files",
    "library_files",
    "list_mutants",
    "probe_text",
]
