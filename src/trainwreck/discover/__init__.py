"""Files and operators to mutants."""

from trainwreck.discover.files import SourceFile, application_files, library_files
from trainwreck.discover.listing import Listing, list_mutants

__all__ = ["Listing", "SourceFile", "application_files", "library_files", "list_mutants"]
