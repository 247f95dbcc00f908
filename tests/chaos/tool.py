"""Runs one command of trainwreck, with shorter limits than people get, so that tests are short.

    python tests/chaos/tool.py ARGUMENT …

CHAOS_SHORTEST_TIME is the least limit of time in seconds, CHAOS_PROCESSES the number of processes.
"""

import os
import sys
from dataclasses import replace
from typing import Any

from trainwreck.cli.main import run
from trainwreck.run import limits
from trainwreck.run.limits import PROCESS_LIMIT, Limits

PROCESSES = int(os.environ.get("CHAOS_PROCESSES", PROCESS_LIMIT))
usual = Limits.from_clean


def from_clean(*values: Any, **named: Any) -> Limits:
    """Return the usual limits with another number of processes."""
    return replace(usual(*values, **named), processes=PROCESSES)


if __name__ == "__main__":
    limits.SHORTEST_TIME = float(os.environ.get("CHAOS_SHORTEST_TIME", limits.SHORTEST_TIME))
    Limits.from_clean = from_clean  # type: ignore[method-assign]
    sys.exit(run(sys.argv[1:]))
