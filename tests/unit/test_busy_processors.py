"""Processors that are kept busy, so that a check runs as it does beside other work."""

import os
import time

import psutil
import pytest

from trainwreck.run.busy import busy

pytestmark = pytest.mark.process


def test_a_busy_processor_computes_until_the_end_of_the_block() -> None:
    processor = min(os.sched_getaffinity(0))
    with busy((processor,)) as pids:
        (process,) = map(psutil.Process, pids)
        assert process.cpu_affinity() == [processor]
        deadline = time.monotonic() + 60
        while sum(process.cpu_times()[:2]) < 0.3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    assert not psutil.pid_exists(process.pid)


def test_without_processors_one_process_computes() -> None:
    with busy(()) as pids:
        assert len(pids) == 1
    assert not any(map(psutil.pid_exists, pids))


def fail_beside(started: list[int]) -> None:
    with busy(tuple(os.sched_getaffinity(0))) as pids:
        started += pids
        raise KeyError


def test_a_block_that_fails_leaves_no_process() -> None:
    started: list[int] = []
    with pytest.raises(KeyError):
        fail_beside(started)
    assert started
    assert not any(map(psutil.pid_exists, started))
