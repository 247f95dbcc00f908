"""The machine and the software that the figures were measured with."""

import os
import platform
import re
from importlib import metadata
from pathlib import Path

import psutil

from trainwreck.subject.interpreter import survey

TOOL = "trainwreck"


def describe_machine(python: str) -> dict[str, object]:
    """Plain values; ``python`` is the subject's interpreter, or empty where none was used."""
    return {
        "processor": _processor(),
        "cores": os.cpu_count(),
        "usable_cores": len(os.sched_getaffinity(0)),
        "memory_gb": round(psutil.virtual_memory().total / 2**30, 1),
        "system": platform.platform(),
        "load": [round(load, 2) for load in os.getloadavg()],
        "python": platform.python_version(),
        "packages": _tool_packages(),
        "subject": _subject(python) if python else None,
    }


def _processor() -> str:
    info = Path("/proc/cpuinfo")
    text = info.read_text(encoding="utf-8", errors="replace") if info.is_file() else ""
    found = re.search(r"^model name\s*:\s*(.+)$", text, re.MULTILINE)
    return found[1] if found else platform.processor() or platform.machine()


def _tool_packages() -> dict[str, str]:
    """The tool and what it needs, extras left out."""
    needed = [line for line in metadata.requires(TOOL) or [] if "extra ==" not in line]
    names = [re.split(r"[^\w.-]", line, maxsplit=1)[0] for line in needed]
    return {name: metadata.version(name) for name in [TOOL, *sorted(names)]}


def _subject(python: str) -> dict[str, object]:
    interpreter = survey(python, [])
    return {
        "python": ".".join(map(str, interpreter.version)),
        "packages": interpreter.packages,
    }
