"""Runs one task in a worker of Ray, and returns its results to the driver."""

import os
import pickle
import signal
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from trainwreck.engine import Job
from trainwreck.engine.local import processors_of
from trainwreck.engine.ray_folders import Archive, Bundle, bring, made_here
from trainwreck.errors import NoPlace
from trainwreck.model.slot import Slot


@dataclass(frozen=True, slots=True)
class Done:
    """The results of a task, and the exception that ended it, or None.

    ``made`` are folders that it has kept for later ones, where the driver cannot see them.
    """

    results: list[Any]
    error: BaseException | None = None
    made: Mapping[Path, Archive] = field(default_factory=dict)


Shared = tuple[Job[Any, Any], Mapping[str, str]]
"""The job of many tasks, and the variables of the environment of the driver."""

PICKLE = pickle.HIGHEST_PROTOCOL
"""The version of pickles between driver and workers, which have one version of Python."""

_shared: dict[str, Shared] = {}
"""The job that this worker has; a launcher in it keeps working copies for its next trials."""
_bundles: dict[str, Bundle] = {}
"""The driver's folders that this worker has brought to its node."""


def run_task(reference: list[Any], packed: bytes) -> bytes:
    """Run a job for one task; return what it has `Done`, pickled.

    Ray takes bytes as they are. To what is no bytes it gives its own pickle, which may hold
    functions of any kind, and takes the driver several times as long.

    Args:
        reference: A list, so that Ray leaves it to us when to fetch it, of the reference to what
            the tasks of one piece of work share and, where this node has copies of the driver's
            folders, of that to these folders.
        packed: The task, the slot on this node, the number of slots here and that of the
            processors of each, pickled.

    """
    shared, *folders = reference
    job, variables = _fetched(shared)
    bundle = _brought(*folders) if folders else None
    if isinstance(bundle, OSError):
        failed = NoPlace(f"the program's folder cannot be made: {bundle}")
        return pickle.dumps(Done([], failed), PICKLE)
    done = _done(job, variables, *pickle.loads(packed))
    return pickle.dumps(replace(done, made=made_here(bundle)) if bundle else done, PICKLE)


def _brought(reference: Any) -> Bundle | OSError:
    """Bring the copies of the driver's folders up to date; return why that was not possible."""
    import ray

    key = reference.hex()
    if key not in _bundles:
        _bundles.clear()
        _bundles[key] = ray.get(reference)
    try:
        bring(_bundles[key])
    except OSError as error:
        return error
    return _bundles[key]


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
