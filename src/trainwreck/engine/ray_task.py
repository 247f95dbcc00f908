"""Runs one task in a worker of Ray, and returns its results to the driver."""

import os
import pickle
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from trainwreck.engine import Job
from trainwreck.engine.local import processors_of
from trainwreck.model.slot import Slot


@dataclass(frozen=True, slots=True)
class Done:
    """The results of a task, and the exception that ended it, or None."""

    results: list[Any]
    error: BaseException | None = None


Shared = tuple[Job[Any, Any], Mapping[str, str]]
"""The job of many tasks, and the variables of the environment of the driver."""

PICKLE = pickle.HIGHEST_PROTOCOL
"""The version of pickles between driver and workers, which have one version of Python."""

_shared: dict[str, Shared] = {}
"""The job that this worker has; a launcher in it keeps working copies for its next trials."""


def run_task(reference: list[Any], packed: bytes) -> bytes:
    """Run a job for one task; return what it has `Done`, pickled.

    Ray takes bytes as they are. To what is no bytes it gives its own pickle, which may hold
    functions of any kind, and takes the driver several times as long.

    Args:
        reference: A list, so that Ray leaves it to us when to fetch it, of the reference to what
            the tasks of one piece of work share.
        packed: The task, the slot on this node, the number of slots here and that of the
            processors of each, pickled.

    """
    job, variables = _fetched(*reference)
    return pickle.dumps(_done(job, variables, *pickle.loads(packed)), PICKLE)


def _done(
    job: Job[Any, Any],
    variables: Mapping[str, str],
    task: Any,
    slot: Slot,
    beside: int,
    threads: int,
) -> Done:
    """Run a job for one task, as a thread of the local engine does."""
    cpus = processors_of(slot.index, beside, slot.folder.parent, threads)
    slot = replace(slot, device=_gpus(), cpus=cpus)
    results: list[Any] = []
    with _environment(variables), _noted_interrupt() as interrupted:
        try:
            for result in job(task, slot, interrupted.is_set):
                results.append(result)  # noqa: PERF402 - those before an exception count
        except Exception as error:  # noqa: BLE001 - the driver raises it
            return Done(results, _portable(error))
    return Done(results)


def _gpus() -> str:
    """Return the GPUs that Ray gives this task, as `CUDA_VISIBLE_DEVICES` takes them."""
    import ray

    return ",".join(map(str, ray.get_gpu_ids()))


def _fetched(reference: Any) -> Shared:
    """Return what the tasks of one piece of work share; that of the last one is kept."""
    import ray

    key = reference.hex()
    if key not in _shared:
        _shared.clear()
        _shared[key] = ray.get(reference)
    return _shared[key]


def _portable(error: Exception) -> Exception:
    """Return an exception that another process can read."""
    try:
        pickle.loads(pickle.dumps(error))
    except Exception:  # noqa: BLE001 - whatever it is made of
        return RuntimeError(f"{type(error).__name__}: {error}")
    return error


@contextmanager
def _environment(variables: Mapping[str, str]) -> Iterator[None]:
    """Have the variables of the driver within the block."""
    before = dict(os.environ)
    os.environ.clear()
    os.environ.update(variables)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)


@contextmanager
def _noted_interrupt() -> Iterator[threading.Event]:
    """Note SIGINT, by which Ray cancels a task: raised anywhere, it would cut off a cleanup."""
    event = threading.Event()
    before = signal.signal(signal.SIGINT, lambda *_: event.set())
    try:
        yield event
    finally:
        signal.signal(signal.SIGINT, before)
