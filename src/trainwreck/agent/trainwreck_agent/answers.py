"""Answers questions about what this process holds; a signal asks them."""

import signal

from trainwreck_agent.held import HeldStates

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import FrameType

    from trainwreck_agent.guest import Guest

QUESTION = signal.SIGRTMIN + 11 if hasattr(signal, "SIGRTMIN") else 0
"""The signal that asks: one that programs hardly ever use."""


class Answers:
    """The answers of this process, which are events named `held`."""

    def __init__(self, guest: "Guest") -> None:
        self._guest = guest
        self._held = HeldStates(guest.counter.is_own)

    def restart(self) -> None:
        """Begin again, as in a forked child."""
        self._held.restart()

    def listen(self) -> None:
        """Answer from now on."""
        if QUESTION:
            signal.signal(QUESTION, self._answer)
            signal.siginterrupt(QUESTION, False)

    def stop(self) -> None:
        """Ignore questions: the interpreter forgets all handlers while it ends."""
        if QUESTION and signal.getsignal(QUESTION) == self._answer:
            signal.signal(QUESTION, signal.SIG_IGN)

    def _answer(self, _number: int, frame: "FrameType | None") -> None:
        guest = self._guest
        values = guest.now()
        values.update(self._held.read(frame))
        guest.events.write("held", work=sum(guest.work.read().values()), **values)
