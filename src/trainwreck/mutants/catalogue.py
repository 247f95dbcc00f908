"""Questions to many files at once: their mutants, each listed only once, and their sizes."""

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
from trainwreck.subject.interpreter import Interpreter, check_compiles, count_statements

CHUNK = 16
LISTING_CODE = ("source/*.py", "operators/*.py", "mutants/*.py", "model/*.py", "agent/**/check.py")


@dataclass(frozen=True, slots=True)
class FileListing:
    """The mutants of a file that compile, how many do not, and what could not be read."""

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
    """Return all mutants of the files, in order, by the operators with the given names.

    Files that the cache does not know are listed into it first, on all processors; then
    everything is read from there, so that no mutant travels between processes. Whole families
    are listed, so that a cache serves every choice of their operators.
    """
    version = ".".join(map(str, interpreter.version))
    searched = families_with(operators)
    names = tuple(operator.name for operator in searched)
    listings = ListingCache(cache, listing_version(names), version)
    unknown = [file for file in files if not _is_known(file, listings)]
    fill = partial(_fill_cache, interpreter=interpreter, operators=searched, cache=listings)
    for _ in map_chunks(fill, unknown, CHUNK):
        pass
    wanted = set(operators)
    for file in files:
        listing = _read(file, listings) or _list_afresh([file], interpreter, searched)[0][1]
        mutants = [mutant for mutant in listing.mutants if mutant.operator in wanted]
        yield FileListing(file, mutants, listing.dropped, listing.problem)


def measure_sources(
    files: Sequence[SourceFile],
    interpreter: Interpreter,
    executed: Mapping[tuple[str, str], Iterable[int]],
) -> list[SourceSize]:
    """The size of every file, and how much of it runs, in the order of the files."""
    sizes: list[SourceSize] = []
    count = partial(_count, executable=interpreter.executable, executed=executed)
    for chunk in map_chunks(count, files, CHUNK):
        sizes += chunk
    return sizes


def _count(
    files: Sequence[SourceFile],
    executable: str,
    executed: Mapping[tuple[str, str], Iterable[int]],
) -> list[SourceSize]:
    requests = [(file.path, executed.get((file.root, file.file), ())) for file in files]
    counted = count_statements(executable, requests)
    return [
        SourceSize(file.root, file.file, *numbers)
        for file, numbers in zip(files, counted, strict=True)
    ]


@cache
def listing_version(operators: tuple[str, ...]) -> str:
    """Return a text that changes with the code that lists mutants and with the operators' names.

    So no old listing is used.
    """
    package = Path(__file__).resolve().parent.parent
    paths = sorted(path for pattern in LISTING_CODE for path in package.glob(pattern))
    return content_id(*operators, *(path.read_text(encoding="utf-8") for path in paths))


def _is_known(file: SourceFile, cache: ListingCache) -> bool:
    try:
        return cache.has(hash_of(file.path.read_bytes()))
    except OSError:
        return True


def _read(file: SourceFile, cache: ListingCache) -> FileListing | None:
    """A file's listing from the cache; an unreadable file has none, and needs none."""
    try:
        sha = decode(file.path.read_bytes()).sha
    except (OSError, UnreadableSource) as error:
        return FileListing(file, [], 0, str(error))
    known = cache.get(sha, file.root, file.file, file.module)
    return None if known is None else FileListing(file, *known)


def _fill_cache(
    files: Sequence[SourceFile],
    interpreter: Interpreter,
    operators: Sequence[Operator],
    cache: ListingCache,
) -> None:
    for sha, listing in _list_afresh(files, interpreter, operators):
        cache.put(sha, listing.mutants, listing.dropped, listing.problem)


def _list_afresh(
    files: Sequence[SourceFile], interpreter: Interpreter, operators: Sequence[Operator]
) -> list[tuple[str, FileListing]]:
    """Return hash and listing of every readable file; one child compiles all of them."""
    fresh = []
    for file in files:
        try:
            source = decode(file.path.read_bytes())
        except (OSError, UnreadableSource):
            continue
        listing = list_mutants(
            source, file.root, file.file, file.module, interpreter.grammar, operators
        )
        fresh.append((file, source, listing))
    requests = [(file.path, source, listing.mutants) for file, source, listing in fresh]
    found = []
    checked = check_compiles(interpreter.executable, requests)
    for (file, source, listing), answer in zip(fresh, checked, strict=True):
        problem = answer.problem
        if not problem and listing.skipped_lines:
            problem = f"not understood at lines {', '.join(map(str, listing.skipped_lines))}"
        mutants = list(answer.mutants)
        found.append((source.sha, FileListing(file, mutants, len(answer.dropped), problem)))
    return found
