"""Finds the GPUs that the slots of a campaign have."""

from collections.abc import Callable

from trainwreck.errors import UsageError
from trainwreck.model.slot import Slot
from trainwreck.run.context import RunContext
from trainwreck.run.gpus import devices_for, nvml, usable_gpus


def gpus_here(context: RunContext) -> list[str]:
    """Return the GPUs of this machine that runs may use, none where they ask for none."""
    return usable_gpus(dict(context.subject.env)) if context.gpus else []


def devices_of(context: RunContext) -> list[str]:
    """Return the GPUs of each slot that there is room for, none where runs ask for none.

    Raises UsageError where this machine has too few.
    """
    if not context.gpus:
        return []
    names = gpus_here(context)
    if devices := devices_for(names, context.gpus):
        return devices
    raise UsageError(
        f"each run is to have {context.gpus:g} GPUs, and {len(names) or 'none'} can be used here",
        "Lower `gpus` under [trials], or name GPUs in `CUDA_VISIBLE_DEVICES`.",
    )


def slot_beside(number: int, context: RunContext) -> Slot:
    """Return a slot beside those of the campaign, with the first GPU where runs have one."""
    return Slot(number, context.work / str(number), device=next(iter(devices_of(context)), ""))


def say_what_is_not_held(
    context: RunContext, jobs: int, devices: list[str], say: Callable[[str], None]
) -> None:
    """Say that GPUs allow fewer slots than asked for, or that their memory is not measured."""
    if devices and len(devices) < jobs:
        say(f"Runs at a time: {len(devices)}, as the GPUs have room for no more.")
    if context.gpu_memory and nvml() is None:
        say("The memory of GPUs is not measured: NVIDIA's library NVML is not here.")
