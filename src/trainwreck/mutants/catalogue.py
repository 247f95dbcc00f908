"""Lists the mutants of many files, with a cache, and measures the files' sizes."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from trainwreck.model import Mutant, SourceSize, content_id
from trainwreck.mutants.files import SourceFile
from trainwreck.mutants.listing import list_mutants
from trainwreck.mutants.parallel import map_chunks
from trainwreck.operators import Operator, families_with
from trainwreck.source import UnreadableSource, decode, hash_of
from trainwreck.store.listing_cache import ListingCache
from trainwreck.store.statement_cache import Counts, StatementCache
from trainwreck.subject.interpreter import (
    SCRIPTS,
    Interpreter,
    check_compiles,
    count_statements,
)

CHUNK = 16
COUNTED_CHUNK = 64
"""Files whose statements one process counts: importing coverage.py costs as much as four files."""
LISTING_CODE = ("source/*.py", "operators/*.py", "mutants/*.py", "model/*.py", "agent/**/check.py")
"""The files of this package that decide which mutants a text has."""


@dataclass(frozen=True, slots=True)
class FileListing:
    """The mutants of one file that compile.

    ``dropped`` is the number of those that do not. ``problem`` says what could not be read, and is
    empty where everything was.
    """

    file: SourceFile
    mutants: list[Mutant]
    dropped: int
    problem: str


def list_files(
    files: Sequence[SourceFile],
    interpreter: Interpreter,
    operators: Sequence[str],
    cache: Path,
) -> Iterator[FileListing]:
    """Yield the listing of each file, in the order of the files.

    Files that are not in the cache are listed first, on all processors, and written to it. Then
    all listings are read from the cache, so that no mutant is sent between processes. Whole
    families are listed, so that a cache serves every choice of their operators.

    Args:
        files: The files to mutate.
        interpreter: The subject's interpreter, which decides the grammar and what compiles.
        operators: The names of the operators whose mutants are wanted.
        cache: The folder of the cache.

    Raises:
        TrainwreckError: The interpreter ended before it had checked all mutants.

    """
    version = ".".join(map(str, interpreter.version))
    searched = families_with(operators)
    names = tuple(operator.name for operator in searched)
    listings = ListingCache(cache, listing_version(names), version)
    uncached = [file for file in files if not _is_cached(file, listings)]
    fill = partial(_fill_cache, interpreter=interpreter, operators=searched, cache=listings)
    for _ in map_chunks(fill, uncached, CHUNK):
        pass
    wanted = set(operators)
    for file in files:
        listing = _cached_listing(file, listings)
        listing = listing or _list_uncached([file], interpreter, searched)[0][1]
        mutants = [mutant for mutant in listing.mutants if mutant.operator in wanted]
        yield FileListing(file, mutants, listing.dropped, listing.problem)


def measure_sources(
    files: Sequence[SourceFile],
    interpreter: Interpreter,
    executed: Mapping[tuple[str, str], Iterable[int]],
    cache: Path,
) -> list[SourceSize]:
    """Return the size of every file, and how much of it runs, in the order of the files.

    What another campaign has counted, of the same text with the same executed lines, is not counted
    again: a large library takes minutes.

    Args:
        files: The files to measure.
        interpreter: The subject's interpreter; it needs coverage.py.
        executed: The lines that the clean program runs, by root and file.
        cache: The folder of the cache.

    Raises:
        TrainwreckError: The interpreter ended before it had measured all files.

    """
    counted = StatementCache(cache, _counting_version(interpreter))
    known = counted.counts()
    lines = [sorted(executed.get((file.root, file.file), ())) for file in files]
    keys = [_counting_key(file, ran) for file, ran in zip(files, lines, strict=True)]
    asked = [index for index, key in enumerate(keys) if key not in known]
    count = partial(_count_chunk, interpreter=interpreter)
    requests = [(files[index].path, lines[index]) for index in asked]
    answers = [each for part in map_chunks(count, requests, COUNTED_CHUNK) for each in part]
    by_index = dict(zip(asked, answers, strict=True))
    # A file that cannot be read or compiled may be one of a moment.
    counted.add({keys[i]: found for i, found in by_index.items() if keys[i] and None not in found})
    return [
        SourceSize(file.root, file.file, *(by_index.get(index) or known[keys[index]]))
        for index, file in enumerate(files)
    ]


def _count_chunk(
    requests: Sequence[tuple[Path, Sequence[int]]], interpreter: Interpreter
) -> list[Counts]:
    return count_statements(interpreter, requests)


def _counting_key(file: SourceFile, executed: Sequence[int]) -> str:
    """Return what decides the numbers of a file, empty where it cannot be read."""
    try:
        return content_id(hash_of(file.path.read_bytes()), *map(str, executed))
    except OSError:
        return ""


def _counting_version(interpreter: Interpreter) -> str:
    """Return a hash of what counts statements: two interpreters may count otherwise."""
    script = (SCRIPTS / "statements.py").read_text(encoding="utf-8")
    version = ".".join(map(str, interpreter.version))
    return content_id(script, version, interpreter.packages.get("coverage", ""))


@cache
def listing_version(operators: tuple[str, ...]) -> str:
    """Return a hash of the operators' names and of the code that lists mutants.

    Listings of other code are not used.
    """
    package = Path(__file__).resolve().parent.parent
    paths = sorted(path for pattern in LISTING_CODE for path in package.glob(pattern))
    return content_id(*operators, *(path.read_text(encoding="utf-8") for path in paths))


def _is_cached(file: SourceFile, cache: ListingCache) -> bool:
    """Return whether the cache has the file's listing; unreadable files need none."""
    try:
        return cache.has(hash_of(file.path.read_bytes()))
    except OSError:
        return True


def _cached_listing(file: SourceFile, cache: ListingCache) -> FileListing | None:
    """Return a file's listing from the cache, or None; that of an unreadable file is empty."""
    try:
        sha = decode(file.path.read_bytes()).sha
    except (OSError, UnreadableSource) as error:
        return FileListing(file, [], 0, str(error))
    stored = cache.get(sha, file.root, file.file, file.module)
    return None if stored is None else FileListing(file, *stored)


def _fill_cache(
    files: Sequence[SourceFile],
    interpreter: Interpreter,
    operators: Sequence[Operator],
    cache: ListingCache,
) -> None:
    for sha, listing in _list_uncached(files, interpreter, operators):
        cache.put(sha, listing.mutants, listing.dropped, listing.problem)


def _list_uncached(
    files: Sequence[SourceFile], interpreter: Interpreter, operators: Sequence[Operator]
) -> list[tuple[str, FileListing]]:
    """Return hash and listing of every readable file.

    One process of the subject's interpreter checks the mutants of all the files: starting one
    costs more than checking a file.
    """
    listed = []
    for file in files:
        try:
            source = decode(file.path.read_bytes())
        except (OSError, UnreadableSource):
            continue
        listing = list_mutants(
            source, file.root, file.file, file.module, interpreter.grammar, operators
        )
        listed.append((file, source, listing))
    requests = [(file.path, source, listing.mutants) for file, source, listing in listed]
    listings = []
    checks = check_compiles(interpreter, requests)
    for (file, source, listing), check in zip(listed, checks, strict=True):
        problem = check.problem
        if not problem and listing.skipped_lines:
            problem = f"not understood at lines {', '.join(map(str, listing.skipped_lines))}"
        mutants = list(check.mutants)
        listings.append((source.sha, FileListing(file, mutants, len(check.dropped), problem)))
    return listings
