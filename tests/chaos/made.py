"""Keeps the results of a measurement with what they were made on."""

import json
import platform
from collections.abc import Mapping
from pathlib import Path

from trainwreck import __version__


def keep(path: Path, results: Mapping[str, object]) -> None:
    """Write results as JSON, with the version, the interpreter and the kernel."""
    made = {
        "trainwreck": __version__,
        "python": platform.python_version(),
        "kernel": platform.release(),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"made": made, **results}, indent=1) + "\n", encoding="utf-8")
