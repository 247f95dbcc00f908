"""Numbers of a process in a file that is up to date whenever and however the process ends."""

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import MutableSequence
    from typing import Any, Protocol

    class NewFiles(Protocol):
        """The part of the events that creates a file."""

        def create(self, stem: str, suffix: str) -> "tuple[int, str]": ...


BYTES = 8


def open_journal(files: "NewFiles | None", number: int) -> "tuple[MutableSequence[int], str]":
    """Return ``number`` zeros that are written through to a file, and the file's path.

    A store goes into shared memory, at the cost of a store into a list. The file holds numbers of
    64 bits in the machine's order. Where there is none, as on a full disk, the path is empty.
    """
    if files is not None and number:
        try:
            return _open(files, number)
        except (ImportError, OSError):
            pass  # The missing file shows that the numbers may get lost.
    return [0] * number, ""


def _open(files: "NewFiles", number: int) -> "tuple[Any, str]":
    import mmap

    descriptor, partial = files.create("probe", ".partial-counts")
    with os.fdopen(descriptor, "wb") as file:
        # Written and not only made longer: a store into memory without disk would end the process.
        file.write(bytes(BYTES * number))
    path = partial[: -len(".partial-counts")] + ".counts"
    os.rename(partial, path)
    with open(path, "r+b") as file:
        memory = mmap.mmap(file.fileno(), BYTES * number)
    return memoryview(memory).cast("Q"), path
