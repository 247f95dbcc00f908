"""Texts without the paths of the machine on which they were made."""

import re
from collections.abc import Mapping
from pathlib import Path

from trainwreck.store.rows import Relocate

# A path begins where a name cannot go on before it, or after a switch of a compiler.
BEGIN = r"(?:(?<![\w.\-/])|(?<=-[IL])|(?<=//))"
END = r"(?![\w\-]|\.\w)"

# Our own folders are known by what lies in them, wherever they were when the text was printed.
OURS = (
    (re.compile(r"(?:/[\w.+@~-]+)+(?=/work/\d+/\w)"), "<campaign>"),
    (re.compile(r"(?:/[\w.+@~-]+)+(?=/agent/trainwreck_agent/)"), "<trainwreck>"),
)


def relocation(folders: Mapping[str, str]) -> Relocate:
    """Write ``<name>/train.py`` for that file below the folder of this name.

    Several libraries may lie in one folder: then the name is that of the library itself.
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
        found, below = names[match[1]], match[2]
        rest = "" if below is None else f"/{below}"
        return f"<{below if below in found else found[0]}>{rest}"

    return lambda text: _without_ours(pattern.sub(named, text))


def _without_ours(text: str) -> str:
    for pattern, name in OURS:
        text = pattern.sub(name, text)
    return text
