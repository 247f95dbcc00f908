"""The machine that a page was made on."""

import os
import platform
from pathlib import Path


def machine() -> str:
    """Return processor, cores, memory and system, as in ``AMD EPYC, 2 cores, 23 GB, Linux``."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    models = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    cpu = next(models, platform.processor())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 30
    return f"{cpu}, {os.cpu_count()} cores, {memory} GB, {platform.system()}"
