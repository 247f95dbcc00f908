"""Runs the program under study as ``python FILE …`` or ``python -m MODULE …`` would."""

import os
import sys

if __name__ == "__main__":
    from trainwreck_agent import REFUSED, guest
    from trainwreck_agent.entry import launch

    if guest.current is None:
        os._exit(REFUSED)
    launch(sys.argv[1:], guest.current)
