"""Chooses the libraries to plant bugs in: those with most lines that ran while a model trained."""

import ast
from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path, PurePosixPath

from trainwreck.model.proposal import SeenTarget
from trainwreck.source import UnreadableSource, decode

Covered = Mapping[str, Mapping[tuple[str, str], list[int]]]
"""The executed lines of a run: by phase, then by root and file."""
Parts = tuple[str, ...]
"""The names on the way to a module: torch, optim, adam."""

MOST_TARGETS = 4
MOST_OF_LIBRARY = 3
FEWEST_LINES = 20
SHARE_OF_ALL = 0.15
"""The share of lines with which a library counts that the program does not import itself."""
SHARE_OF_LIBRARY = 0.1
MOST_LINES_TOGETHER = 400
"""Executed lines of a library that is proposed as a whole."""
SHARE_INSIDE = 0.8
"""The share of lines in one part, as in ``keras.src``, with which its own parts are proposed."""
MOST_PARSED = 250
"""Files, those with most lines first, whose functions are searched."""
SUPPORT = frozenset(["utils", "util", "compat", "externals", "testing"])
"""Parts of libraries that only support the others; but ``data`` within them counts."""
TRAINING = ("training", "model")
"""Phases of the run that show training, the better one first."""
COMPILED = "compiled"
"""The phase from the first compiled function on. JAX traces an update once, before training."""
OUTSIDE = frozenset(
    ["coverage", "pip", "setuptools", "pkg_resources", "matplotlib", "seaborn", "plotly", "bokeh",
     "PIL", "cv2", "tqdm", "rich", "tensorboard", "wandb", "mlflow", "comet_ml", "neptune", "click",
     "typer", "absl", "yaml", "requests", "urllib3", "httpx", "fsspec", "packaging", "filelock",
     "typing_extensions", "hydra", "omegaconf", "pytest", "pluggy", "IPython", "ipykernel",
     "pandas", "pyarrow", "psutil", "six", "dateutil", "pytz", "joblib", "threadpoolctl",
     "huggingface_hub", "loguru", "trainwreck", "jedi", "sympy", "networkx", "lightning_utilities"]
)  # fmt: skip
"""Libraries that draw, print, fetch or measure: a bug in them says little about training."""


def choose_targets(covered: Covered, imported: Collection[str]) -> tuple[SeenTarget, ...]:
    """Return libraries, or parts of them, with most executed lines first.

    Args:
        covered: The executed lines of the run.
        imported: Libraries that the program's own files import.

    """
    lines = Counter[Parts]()
    for file, number in _in_functions(_trained(covered)).items():
        if parts := _parts(file):
            lines[parts] += number
    total = lines.total()
    libraries = Counter[str]()
    for parts, number in lines.items():
        libraries[parts[0]] += number
    found: list[SeenTarget] = []
    for name, number in libraries.most_common():
        counts = name in imported or number >= SHARE_OF_ALL * total
        if counts and name not in OUTSIDE and number >= FEWEST_LINES:
            found += _of_library(name, {p: n for p, n in lines.items() if p[0] == name})
    return tuple(sorted(found, key=lambda target: -target.lines)[:MOST_TARGETS])


def _trained(covered: Covered) -> dict[str, list[int]]:
    """Return the lines of each file outside of the program that ran in training."""
    phase = next((name for name in TRAINING if any(covered.get(name, {}).values())), None)
    phases: Sequence[str] = [name for name in covered if name != "import"]
    if phase:
        phases = [name for name in (COMPILED, phase) if name in covered]
    files: dict[str, list[int]] = {}
    for name in phases or covered:
        for (root, file), numbers in covered[name].items():
            if not root and _parts(file):
                files.setdefault(file, []).extend(numbers)
    return files


def _in_functions(lines: Mapping[str, list[int]]) -> dict[str, int]:
    """Return the number of lines within functions: others only show that a file was imported."""
    ranked = sorted(lines, key=lambda file: -len(lines[file]))[:MOST_PARSED]
    return {file: _number_in_functions(Path(file), lines[file]) for file in ranked}


def _number_in_functions(path: Path, numbers: Collection[int]) -> int:
    """Return the number of executed statements within functions."""
    try:
        tree = ast.parse(decode(path.read_bytes()).text)
    except (OSError, SyntaxError, ValueError, UnreadableSource, RecursionError):
        return len(numbers)
    inside: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = (n for n in ast.walk(node) if isinstance(n, ast.stmt) and n is not node)
            inside.update(statement.lineno for statement in statements)
    return len(inside.intersection(numbers))


def _parts(file: str) -> Parts:
    """Return the names of a library's module; none for a file that is no part of a library."""
    path = PurePosixPath(file)
    for name in ("site-packages", "dist-packages"):
        if name in path.parts:
            inside = path.parts[path.parts.index(name) + 1 :]
            return (*inside[:-1], inside[-1].removesuffix(".py"))
    return ()


def _of_library(name: str, lines: Mapping[Parts, int]) -> Iterator[SeenTarget]:
    """Yield the parts of a library in which most of its lines are, or the library."""
    total = sum(lines.values())
    inside: Parts = (name,)
    while True:
        parts = Counter[Parts]()
        for path, number in lines.items():
            if path[: len(inside)] == inside:
                parts[path[: len(inside) + 1]] += number
        first = parts.most_common(1)[0][0]
        is_package = any(len(path) > len(first) for path in lines if path[: len(first)] == first)
        if parts[first] < SHARE_INSIDE * total or not is_package or first == inside:
            break
        inside = first
    if total <= MOST_LINES_TOGETHER:
        yield SeenTarget(name, total)
        return
    useful = [_useful(part, parts[part], lines) for part in parts]
    # What supports the others is no part of the whole: it may be most of a library.
    least = SHARE_OF_LIBRARY * sum(number for _, number in useful)
    usable = [
        (path, number)
        for path, number in useful
        if number >= max(least, 1) and not any(n.startswith("_") for n in path)
    ]
    usable.sort(key=lambda part: -part[1])
    for path, number in usable[:MOST_OF_LIBRARY]:
        yield SeenTarget(".".join(path), number)


def _useful(part: Parts, number: int, lines: Mapping[Parts, int]) -> tuple[Parts, int]:
    """Return a part with its lines; of one that only supports others, what it has for data."""
    if part[-1] not in SUPPORT:
        return part, number
    data = (*part, "data")
    return data, sum(n for path, n in lines.items() if path[: len(data)] == data)
