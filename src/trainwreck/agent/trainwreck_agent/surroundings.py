"""Signals around a question: those that may end what the program does, and those that interrupt."""

import signal
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from types import TracebackType

TIMERS = [
    getattr(signal, name)
    for name in ("ITIMER_REAL", "ITIMER_VIRTUAL", "ITIMER_PROF")
    if hasattr(signal, name)
]
UNHANDLED = (signal.SIG_DFL, signal.SIG_IGN)


def end_that_may_come() -> str:
    """Return what may interrupt the program from outside of what it holds; empty for nothing."""
    if sys.gettrace() is not None:
        return "a program that is traced"
    if any(signal.getitimer(timer)[0] for timer in TIMERS):
        return "an alarm that may end it"
    if hasattr(signal, "SIGXCPU") and signal.getsignal(signal.SIGXCPU) not in UNHANDLED:
        return "a limit of its own that may end it"
    return ""


def is_of_handler(trace: "TracebackType | None") -> bool:
    """Return whether an exception was raised by a handler of the program's signals."""
    handlers = [signal.getsignal(number) for number in range(1, signal.NSIG)]
    codes = [getattr(handler, "__code__", None) for handler in handlers]
    while trace is not None:
        if trace.tb_frame.f_code in codes:
            return True
        trace = trace.tb_next
    return False
