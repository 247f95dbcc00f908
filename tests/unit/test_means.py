"""What keeps runs from the user's files is tried; a machine without room decides nothing."""

import errno
import os
from typing import Any

import pytest

from trainwreck.errors import Paused
from trainwreck.model import Ending, Exit
from trainwreck.run import keepers, means
from trainwreck.run.ended import Ended
from trainwreck.run.keeper.system import IS_LINUX

pytestmark = pytest.mark.skipif(not IS_LINUX, reason="no other system has such means")


def trial_that(monkeypatch: pytest.MonkeyPatch, result: Exit | int) -> None:
    def run_child(*_: Any, **__: Any) -> Ended:
        if isinstance(result, int):
            raise OSError(result, os.strerror(result))
        return Ended(result, 1.0, 1.0, 0)

    monkeypatch.setattr(means, "run_child", run_child)


@pytest.mark.parametrize(
    "result",
    [errno.EAGAIN, errno.ENOMEM, errno.EMFILE, Exit(Ending.TIME, 9), Exit(Ending.LOST, 0)],
)
def test_a_machine_without_room_gives_no_weaker_level(
    monkeypatch: pytest.MonkeyPatch, result: Exit | int
) -> None:
    trial_that(monkeypatch, result)
    with pytest.raises(Paused, match="it cannot be tried now"):
        means.strict_means.__wrapped__()


@pytest.mark.parametrize("result", [errno.EPERM, errno.ENOSPC, Exit(Ending.EXITED, 1)])
def test_a_machine_that_allows_nothing_is_no_strict_one(
    monkeypatch: pytest.MonkeyPatch, result: Exit | int
) -> None:
    trial_that(monkeypatch, result)
    found, reason = means.strict_means.__wrapped__()
    assert found is None
    assert reason


def test_a_server_of_keepers_that_cannot_be_started_is_an_error_of_the_machine(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN))

    monkeypatch.setattr(keepers, "_servers", [])
    monkeypatch.setattr(keepers.subprocess, "Popen", fail)
    with pytest.raises(OSError, match=os.strerror(errno.EAGAIN)):
        keepers.borrow_keeper(1, 2)
