"""The texts of the files in which mutants are planted."""

from collections.abc import Iterable, Mapping
from pathlib import Path

from trainwreck.model import Mutant
from trainwreck.results.story import NoDiff
from trainwreck.source import UnreadableSource, decode

FileKey = tuple[str, str]
"""The root and the path of a file."""


def key_of(part: Mutant) -> FileKey:
    """Return root and path of the file that a part of a mutant changes."""
    return part.root, part.file


def read_texts(bases: Mapping[str, str], mutants: Iterable[Mutant]) -> dict[FileKey, str | NoDiff]:
    """Return the text of every mutated file, or why it is not here.

    Args:
        bases: The folder of each root on this machine; empty after an import.
        mutants: The mutants; each file is the one that its first mutant was made for.

    """
    texts: dict[FileKey, str | NoDiff] = {}
    for mutant in mutants:
        for part in mutant.parts:
            if key_of(part) not in texts:
                texts[key_of(part)] = _read_text(bases.get(part.root), part)
    return texts


def _read_text(base: str | None, part: Mutant) -> str | NoDiff:
    if base is None:
        return NoDiff.IMPORTED
    try:
        text = decode((Path(base) / part.file).read_bytes())
    except (OSError, ValueError, UnreadableSource):
        return NoDiff.CHANGED
    return text.text if text.sha == part.source_sha else NoDiff.CHANGED
