"""Finds the GPUs of this machine, and measures their memory by NVIDIA's library (NVML)."""

import os
from collections.abc import Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError

VISIBLE = "CUDA_VISIBLE_DEVICES"
XLA = "XLA_FLAGS"
XLA_DETERMINISTIC = "--xla_gpu_deterministic_ops=true"
DRIVER = Path("/proc/driver/nvidia/gpus")
DETERMINISTIC = {
    # cuBLAS adds in the same order only with a workspace of its own for each stream.
    "CUBLAS_WORKSPACE_CONFIG": ":4096:8",
    "TF_DETERMINISTIC_OPS": "1",
    "TF_CUDNN_DETERMINISTIC": "1",
    # Both would take nearly all memory of a GPU when they begin, that of other runs too.
    "TF_FORCE_GPU_ALLOW_GROWTH": "true",
    "XLA_PYTHON_CLIENT_PREALLOCATE": "false",
}
"""Variables by which frameworks choose kernels that repeat; PyTorch has none, but a call."""


@dataclass(frozen=True, slots=True)
class Gpu:
    """A GPU of this machine; ``name`` is what `CUDA_VISIBLE_DEVICES` takes."""

    name: str
    model: str


@cache
def nvml() -> Any:
    """Return the bindings of NVIDIA's library for management, or None where it is not there."""
    import pynvml  # Only campaigns with GPUs need its eight thousand lines.

    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml


def gpu_memory_of(pids: Collection[int]) -> int:
    """Return the bytes on all GPUs that processes use; 0 where nothing can measure them."""
    library, used = nvml(), 0
    for index in range(library.nvmlDeviceGetCount()) if library else ():
        with suppress(library.NVMLError):  # A driver may be too old to say, or a GPU be lost.
            handle = library.nvmlDeviceGetHandleByIndex(index)
            found = library.nvmlDeviceGetComputeRunningProcesses_v3(handle)
            # None is a process that NVML cannot see into.
            used += sum(one.usedGpuMemory or 0 for one in found if one.pid in pids)
    return used


def gpus_of_machine() -> list[Gpu]:
    """Return the GPUs as NVML lists them; without it, as NVIDIA's driver does."""
    if library := nvml():
        numbers = range(library.nvmlDeviceGetCount())
        handles = map(library.nvmlDeviceGetHandleByIndex, numbers)
        return [
            Gpu(library.nvmlDeviceGetUUID(handle), library.nvmlDeviceGetName(handle))
            for handle in handles
        ]
    texts = []
    with suppress(OSError):
        texts = [path.read_text() for path in sorted(DRIVER.glob("*/information"))]
    lines = [
        dict(line.split(":", 1) for line in text.splitlines() if ":" in line) for text in texts
    ]
    return [Gpu(line["GPU UUID"].strip(), line.get("Model", "").strip()) for line in lines]


def usable_gpus(variables: Mapping[str, str]) -> list[str]:
    """Return the names of the GPUs that runs may use, each as `CUDA_VISIBLE_DEVICES` takes it.

    Args:
        variables: The subject's own variables, which come before those of this process.

    Raises:
        UsageError: The GPUs are of different models, and none were chosen by their names.

    """
    named = variables.get(VISIBLE, os.environ.get(VISIBLE))
    present = gpus_of_machine()
    if named is not None:
        names = [name.strip() for name in named.split(",")]
        # As CUDA does it: what follows an entry that is none is not visible.
        end = next((n for n, name in enumerate(names) if name in ("", "-1", "NoDevFiles")), None)
        names = names[:end]
    else:
        names = [gpu.name for gpu in present]
    used = [gpu for gpu in present if named is None or gpu.name in names]
    if len({gpu.model for gpu in used or present}) > 1:
        raise UsageError(
            "the GPUs of this machine are of different models, whose results cannot be compared",
            f"Set `{VISIBLE}` to the names (UUIDs) of those of one model.",
        )
    return names


def devices_for(names: Sequence[str], gpus: float) -> list[str]:
    """Return the devices of all slots that GPUs have room for, as `CUDA_VISIBLE_DEVICES` values.

    Slots that share GPUs are on all of them in turn.

    Args:
        names: The GPUs.
        gpus: The number of GPUs of each run, or the share of one.

    """
    if gpus < 1:
        return [name for _ in range(runs_on_one(gpus)) for name in names]
    each = int(gpus)
    return [
        ",".join(names[first : first + each]) for first in range(0, len(names) - each + 1, each)
    ]


def runs_on_one(gpus: float) -> int:
    """Return how many runs with a share of a GPU have room on one; 0.33 of it is a third."""
    return int(1 / gpus + 1e-9)


def gpu_variables(
    device: str, inherited: Mapping[str, str], own: Mapping[str, str]
) -> dict[str, str]:
    """Return the variables of a run that has a GPU.

    Args:
        device: The value of `CUDA_VISIBLE_DEVICES`.
        inherited: The variables of this process.
        own: The subject's own variables, which are kept.

    """
    flags = own.get(XLA, inherited.get(XLA, ""))
    if XLA_DETERMINISTIC.partition("=")[0] not in flags:
        flags = f"{flags} {XLA_DETERMINISTIC}".strip()
    return {**DETERMINISTIC, **own, XLA: flags, **({VISIBLE: device} if device else {})}
