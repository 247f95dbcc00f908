"""Runs one command of trainwreck, with a shorter limit of time than people get.

python tests/chaos/tool.py ARGUMENT …
"""

import os
import sys

from trainwreck.cli.main import run
from trainwreck.run import limits

if __name__ == "__main__":
    limits.SHORTEST_TIME = float(os.environ.get("CHAOS_SHORTEST_TIME", "10"))
    sys.exit(run(sys.argv[1:]))
