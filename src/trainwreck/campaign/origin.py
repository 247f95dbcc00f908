"""The origin of runs: the tool, the machine and the state of the program, stored with each run."""

import os
import platform
from collections.abc import Iterable
from pathlib import Path

from trainwreck import __version__
from trainwreck.subject.revisions import revision_of
from trainwreck.subject.settings import Settings

TOOL = Path(__file__).parents[1]
PROCESSORS = Path("/proc/cpuinfo")
GPUS = Path("/proc/driver/nvidia")
VECTORS = ("sse", "ssse", "avx", "fma", "f16c", "amx", "asimd", "sve", "sme", "neon", "i8mm")
"""The first letters of instructions by which libraries choose between ways to compute."""


def origin_of(settings: Settings) -> dict[str, str]:
    """Return what runs are made by and on, by name; what cannot be known is left out."""
    origin = {
        "trainwreck": __version__,
        "trainwreck revision": revision_of(TOOL / "__init__.py"),
        **machine_of(),
        "GPU use": "kernels that repeat" if settings.trials.gpus else "",
        "kernel": f"{platform.system()} {platform.release()}",
        "settings": settings.fingerprint,
        "program revision": revision_of(settings.file),
    }
    return {name: value for name, value in origin.items() if value}


def machine_of() -> dict[str, str]:
    """Return what makes the kind of this machine, by name; what is not there is left out."""
    processors = _lines(PROCESSORS)
    machine = {
        "processor": _first(processors, "model name") or platform.processor(),
        "machine": platform.machine(),
        "instructions": _vectors(processors),
        "C library": _c_library(),
        "GPU": _gpus(),
        "GPU driver": _first(_lines(GPUS / "version"), "NVRM version"),
    }
    return {name: value for name, value in machine.items() if value}


def _lines(path: Path) -> list[str]:
    """Return the lines of a file of the system, none where it has no such file."""
    try:
        return path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []


def _first(lines: Iterable[str], name: str) -> str:
    """Return the value of the first line `name: value`, or an empty text."""
    parts = (line.partition(":") for line in lines)
    return next((value.strip() for key, _, value in parts if key.strip() == name), "")


def _vectors(processors: Iterable[str]) -> str:
    """Return the instructions of the processors with which results may differ in the last bits."""
    flags = _first(processors, "flags") or _first(processors, "Features")
    return " ".join(sorted(flag for flag in set(flags.split()) if flag.startswith(VECTORS)))


def _c_library() -> str:
    """Return the version of the C library, which computes functions such as `exp`."""
    try:
        return os.confstr("CS_GNU_LIBC_VERSION") or ""
    except (AttributeError, ValueError, OSError):
        return ""


def _gpus() -> str:
    """Return the models of NVIDIA's GPUs, as far as their driver names them."""
    found = sorted((GPUS / "gpus").glob("*/information"))
    return ", ".join(filter(None, (_first(_lines(path), "Model") for path in found)))
