"""What the first phase leaves behind where no variable of Python tells of it."""

import atexit
import decimal
import os
import signal
import sys

import helpers


def leave_behind():
    with open("rows.txt", "w") as file:
        file.write(str(3))  # fate: NVR propagated run
    os.chdir(helpers.folder(1))  # fate: NVR propagated run
    print("result:", 7)  # fate: NVR propagated run
    decimal.getcontext().prec = 5  # fate: NVR propagated run
    sys.setrecursionlimit(900)  # fate: NVR propagated run
    handler = helpers.handlers[0]  # fate: NVR propagated run
    signal.signal(signal.SIGALRM, handler)
    del handler
    atexit.register(print, "result:", 4)  # fate: NVR propagated run
    os.umask(0o7)  # fate: NVR propagated run


def found():
    """In the last phase."""
    yield len(os.path.relpath(os.getcwd(), helpers.STARTED))
    with open(os.path.join(helpers.STARTED, "rows.txt")) as file:
        yield int(file.read())
    yield decimal.Decimal(helpers.ONE) / decimal.Decimal(helpers.THREE)
    yield sys.getrecursionlimit()
    yield helpers.handlers.index(signal.getsignal(signal.SIGALRM))
    yield os.umask(helpers.ZERO)
