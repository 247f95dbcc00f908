"""The files of one revision of trainwreck, as texts and as syntax trees."""

import ast
import subprocess
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

import words

ROOT = Path(__file__).parents[2]
WORKING_TREE = "."
PACKAGE = Path("src", "trainwreck")

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True)
class Checkout:
    """The files of one revision, in a folder."""

    folder: Path

    @cached_property
    def sources(self) -> dict[Path, str]:
        """Return the text of each Python file, by its path inside the package."""
        package = self.folder / PACKAGE
        files = sorted(package.rglob("*.py"))
        return {file.relative_to(package): file.read_text(encoding="utf-8") for file in files}

    @cached_property
    def trees(self) -> list[ast.Module]:
        """Return the syntax tree of each Python file."""
        return [ast.parse(text) for text in self.sources.values()]

    @cached_property
    def line_count(self) -> int:
        """Count the lines of all Python files."""
        return sum(len(text.splitlines()) for text in self.sources.values())

    @cached_property
    def docstrings(self) -> list[words.Docstring]:
        """Return every docstring."""
        return [docstring for tree in self.trees for docstring in words.docstrings(tree)]

    def nodes(self) -> Iterator[ast.AST]:
        """Yield every node of every syntax tree."""
        for tree in self.trees:
            yield from ast.walk(tree)

    def functions(self) -> Iterator[Function]:
        """Yield every function and method."""
        return (node for node in self.nodes() if isinstance(node, Function))


@contextmanager
def checked_out(revision: str) -> Iterator[Checkout]:
    """Yield the files of a revision in a temporary folder, or the working tree where it is."""
    if revision == WORKING_TREE:
        yield Checkout(ROOT)
        return
    command = ["git", "-C", str(ROOT), "archive", revision]
    archive = subprocess.run(command, check=True, stdout=subprocess.PIPE).stdout
    with TemporaryDirectory() as folder, tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
        yield Checkout(Path(folder))
