"""Mutants of files that were read before, under the user's cache."""

import json
import os
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path

from trainwreck.model import Context, Mutant, operator_of
from trainwreck.store.nouns import edits_of, edits_text


class ListingCache:
    """One compressed file per text and interpreter; ``version`` is that of the listing code.

    What is kept does not depend on where a file lies, so that a library is listed once for all
    its copies.
    """

    def __init__(self, folder: Path, version: str, interpreter: str) -> None:
        self._folder = folder / "listings" / f"{version}-{interpreter}"

    def has(self, sha: str) -> bool:
        """Return whether a text has been listed before."""
        return self._path(sha).is_file()

    def get(
        self, sha: str, root: str, file: str, module: str
    ) -> tuple[list[Mutant], int, str] | None:
        """Read the listing of a text with hash ``sha``.

        Args:
            sha: the hash of the text.
            root: the root of the file in this campaign, for its mutants.
            file: the path of the file below the root.
            module: the name of the module.

        Returns:
            (mutants that compile, number of those that do not, problem), or None without a listing.

        """
        try:
            content = json.loads(zlib.decompress(self._path(sha).read_bytes()))
        except (OSError, ValueError, zlib.error):
            return None
        names = [sys.intern(name) for name in content["functions"]]
        mutants = [
            Mutant(
                root=root,
                file=file,
                module=module,
                function=names[row[0]],
                operator=operator_of(row[1]),
                edits=edits_of(row[2]),
                source_sha=sha,
                context=Context(row[3]),
                anchor=row[4],
                lines=(row[5], row[6]),
                evaluated=None if row[7] is None else (row[7], row[8]),
            )
            for row in content["mutants"]
        ]
        return mutants, content["dropped"], content["problem"]

    def put(self, sha: str, mutants: Sequence[Mutant], dropped: int, problem: str) -> None:
        """Keep a listing; a cache that cannot be written is no reason to stop."""
        names = {mutant.function: 0 for mutant in mutants}
        names = {name: index for index, name in enumerate(names)}
        rows = [
            (
                names[mutant.function],
                str(mutant.operator),
                edits_text(mutant.edits),
                mutant.context.value,
                mutant.anchor,
                *mutant.lines,
                *(mutant.evaluated or (None, None)),
            )
            for mutant in mutants
        ]
        content = {
            "functions": list(names),
            "mutants": rows,
            "dropped": dropped,
            "problem": problem,
        }
        path = self._path(sha)
        partial = path.with_suffix(f".{os.getpid()}")
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            partial.write_bytes(zlib.compress(json.dumps(content).encode(), 1))
            partial.rename(path)
        except OSError:
            return

    def _path(self, sha: str) -> Path:
        return self._folder / sha[:2] / sha[2:40]
