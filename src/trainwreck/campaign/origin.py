"""The origin of runs: the tool, the machine and the state of the program, stored with each run."""

import platform
from pathlib import Path

from trainwreck import __version__
from trainwreck.subject.revisions import revision_of
from trainwreck.subject.settings import Settings

TOOL = Path(__file__).parents[1]
PROCESSORS = Path("/proc/cpuinfo")


def origin_of(settings: Settings) -> dict[str, str]:
    """Return what runs are made by and on, by name; what cannot be known is left out."""
    origin = {
        "trainwreck": __version__,
        "trainwreck revision": revision_of(TOOL / "__init__.py"),
        "processor": _processor(),
        "machine": platform.machine(),
        "kernel": f"{platform.system()} {platform.release()}",
        "settings": settings.fingerprint,
        "program revision": revision_of(settings.file),
    }
    return {name: value for name, value in origin.items() if value}


def _processor() -> str:
    """Return the model of the processors, or nothing where the system does not say."""
    try:
        lines = PROCESSORS.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return platform.processor()
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, "")
