"""Readers of what others wrote, each as a function of bytes that raises for no bytes.

    python tests/chaos/fuzzed.py READER [CORPUS_FOLDER]    for hours, with atheris

A reader may refuse what it gets, by an error with a message for people.
"""

import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

from record import record_of
from trainwreck import Campaign
from trainwreck.errors import TrainwreckError
from trainwreck.model import APP
from trainwreck.mutants.listing import list_mutants
from trainwreck.run.events import read_events
from trainwreck.source import UnreadableSource, decode
from trainwreck.subject.settings_file import FILE_NAME, load_settings

EVENTS_FILE = "events-1-1.jsonl"


def settings(content: bytes, folder: Path) -> None:
    """Read a file of settings."""
    (folder / "train.py").touch()
    (folder / FILE_NAME).write_bytes(content)
    with suppress(TrainwreckError):
        load_settings(folder / FILE_NAME)


def events(content: bytes, folder: Path) -> None:
    """Read the events of a run, which never refuses any."""
    (folder / EVENTS_FILE).write_bytes(content)
    read_events(folder, str, folder)


def source(content: bytes, folder: Path) -> None:
    """List the mutants of a Python file."""
    with suppress(UnreadableSource):
        list_mutants(decode(content), APP, "train.py", "train", (3, 13))


def records(content: bytes, folder: Path) -> None:
    """Import an export."""
    (folder / "records.jsonl").write_bytes(content)
    with suppress(TrainwreckError):
        Campaign.import_records(folder / "records.jsonl", folder / "imported")


def campaign(content: bytes, folder: Path) -> None:
    """Read a campaign's file, with all its verdicts."""
    (folder / "campaign.sqlite").write_bytes(content)
    with suppress(TrainwreckError):
        record_of(folder)


READERS: Mapping[str, Callable[[bytes, Path], None]] = {
    reader.__name__: reader for reader in (settings, events, source, records, campaign)
}


def main(name: str, *arguments: str) -> None:
    """Fuzz one reader until it raises."""
    import atheris

    reader = READERS[name]

    def once(content: bytes) -> None:
        with TemporaryDirectory() as folder:
            reader(content, Path(folder))

    atheris.instrument_all()
    atheris.Setup([sys.argv[0], *arguments], once)
    atheris.Fuzz()


if __name__ == "__main__":
    main(*sys.argv[1:])
