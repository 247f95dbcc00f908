"""The mutants of many files, each read only once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path

from trainwreck.discover import SourceFile, list_mutants
from trainwreck.engine import map_chunks
from trainwreck.model import Mutant, OperatorCode, content_id
from trainwreck.run import Interpreter, check_compiles
from trainwreck.source import UnreadableSource, decode
from trainwreck.store import ListingCache

CHUNK = 16
LISTING_CODE = ("source/*.py", "operators/*.py", "discover/*.py", "model/*.py", "agent/*/check.py")


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
    operators: Sequence[OperatorCode],
    cache: Path,
) -> Iterator[FileListing]:
    """All mutants of the files, in order, by the given operators."""
    version = ".".join(map(str, interpreter.version))
    listings = ListingCache(cache, listing_version(), version)
    work = partial(_list_chunk, interpreter=interpreter, cache=listings)
    wanted = set(operators)
    for chunk in map_chunks(work, files, CHUNK):
        for listing in chunk:
            mutants = [mutant for mutant in listing.mutants if mutant.operator in wanted]
            yield FileListing(listing.file, mutants, listing.dropped, listing.problem)


@lru_cache
def listing_version() -> str:
    """Changes whenever the code that lists mutants does, so that no old listing is used."""
    package = Path(__file__).resolve().parent.parent
    paths = sorted(path for pattern in LISTING_CODE for path in package.glob(pattern))
    return content_id(*(path.read_text(encoding="utf-8") for path in paths))


def _list_chunk(
    files: Sequence[SourceFile], interpreter: Interpreter, cache: ListingCache
) -> list[FileListing]:
    """List some files; all that the cache does not know are checked in one child."""
    found: dict[Path, FileListing] = {}
    fresh = []
    for file in files:
        try:
            source = decode(file.path.read_bytes())
        except (OSError, UnreadableSource) as error:
            found[file.path] = FileListing(file, [], 0, str(error))
            continue
        known = cache.get(source.sha, file.root, file.file, file.module)
        if known is not None:
            found[file.path] = FileListing(file, *known)
            continue
        listing = list_mutants(source, file.root, file.file, file.module, interpreter.grammar)
        fresh.append((file, source, listing))
    requests = [(file.path, source, listing.mutants) for file, source, listing in fresh]
    checked = check_compiles(interpreter.executable, requests)
    for (file, source, listing), answer in zip(fresh, checked, strict=True):
        problem = answer.problem
        if not problem and listing.skipped_lines:
            problem = f"not understood at lines {', '.join(map(str, listing.skipped_lines))}"
        cache.put(source.sha, answer.mutants, len(answer.dropped), problem)
        found[file.path] = FileListing(file, list(answer.mutants), len(answer.dropped), problem)
    return [found[file.path] for file in files]
