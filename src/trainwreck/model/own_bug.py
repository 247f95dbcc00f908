"""A bug that a user describes, as edits of any texts: no operator made it."""

from collections.abc import Iterator
from dataclasses import dataclass

from trainwreck.model.identity import content_id
from trainwreck.model.mutant import MODULE_LEVEL, OWN, Mutant


@dataclass(frozen=True, slots=True)
class OwnBug(Mutant):
    """A bug that a user describes: its own fields are about one file, ``others`` about the rest.

    ``label`` is the user's name for it, ``link`` says where it is described; both may be empty.
    """

    label: str = ""
    link: str = ""
    others: tuple[Mutant, ...] = ()

    @property
    def parts(self) -> tuple[Mutant, ...]:
        """Return what is changed, file by file."""
        return (self, *self.others)

    @property
    def places(self) -> tuple[str, ...]:
        """Return file and line of every place that is counted, in the order of their numbers."""
        return tuple(
            f"{part.file}:{counted.partition(':')[2]}"
            for part in self.parts
            for counted in part.counted
        )

    @property
    def id(self) -> str:
        """Return a content hash of all edits, whatever the bug is called."""
        return content_id(OWN, *(text for part in self.parts for text in _content(part)))

    @property
    def change(self) -> str:
        """Return the user's name for it, or the number of its edits."""
        if self.label:
            return self.label
        edits = sum(len(part.edits) for part in self.parts)
        files = f" in {len(self.parts)} files" if self.others else ""
        return f"{edits} edits{files}" if edits > 1 else f"1 edit{files}"

    @property
    def name(self) -> str:
        """Return the user's name for it, or one of its places."""
        file_and_line = f"{self.file}:{self.span.line}"
        if self.label:
            return f"{file_and_line}: {self.label} [{self.operator}]"
        where = "at module level" if self.function == MODULE_LEVEL else f"in {self.function}"
        edits = sum(len(part.edits) for part in self.parts)
        more = f" and {edits - 1} more" if edits > 1 else ""
        files = f" in {len(self.parts)} files" if self.others else ""
        return f"{file_and_line}: edit {where}{more}{files} [{self.operator}]"


def _content(part: Mutant) -> Iterator[str]:
    yield from (part.root, part.file)
    for edit in part.edits:
        yield from (str(edit.span.start), edit.original, edit.replacement)
