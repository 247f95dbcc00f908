"""Removal of this machine's paths from texts that leave it."""

import re
from collections.abc import Mapping
from pathlib import Path

from trainwreck.store.rows import Relocate

# A path begins where the text before it is no part of a path, or after a switch of a compiler.
BEGIN = r"(?:(?<![\w.\-/])|(?<=-[IL])|(?<=//))"
END = r"(?![\w\-]|\.\w)"

# The content of our own folders identifies them, wherever they were when the text was printed.
OURS = (
    (re.compile(r"(?:/[\w.+@~-]+)+(?=/work/\d+/\w)"), "<campaign>"),
    (re.compile(r"(?:/[\w.+@~-]+)+(?=/agent/trainwreck_agent/)"), "<trainwreck>"),
)


def relocation(folders: Mapping[str, str]) -> Relocate:
    """Return a function that replaces folders in a text by their names.

    A file ``train.py`` in the folder ``name`` becomes ``<name>/train.py``. Several libraries may
    share one folder; then the part of the path below it says which name is meant.
    """
    names: dict[str, list[str]] = {}
    for name, folder in sorted(folders.items()):
        for path in sorted({folder.rstrip("/"), str(Path(folder).resolve())} - {"", "/"}):
            names.setdefault(path, []).append(name)
    if not names:
        return str
    paths = "|".join(re.escape(path) for path in sorted(names, key=lambda p: (-len(p), p)))
    pattern = re.compile(f"{BEGIN}({paths}){END}(?:/(\\w+))?")

    def named(match: re.Match[str]) -> str:
        candidates, below = names[match[1]], match[2]
        rest = "" if below is None else f"/{below}"
        return f"<{below if below in candidates else candidates[0]}>{rest}"

    return lambda text: _without_ours(pattern.sub(named, text))


def _without_ours(text: str) -> str:
    for pattern, name in OURS:
        text = pattern.sub(name, text)
    return text
