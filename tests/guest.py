"""The guest's modules, which are not part of the package, and where things lie."""

import sys
from pathlib import Path
from types import ModuleType

TESTS = Path(__file__).parent
ROOT = TESTS.parent
AGENT = ROOT / "src" / "trainwreck" / "agent"


def agent_module(name: str) -> ModuleType:
    """Return a module of the guest, imported into this process."""
    sys.path.insert(0, str(AGENT))
    try:
        return __import__(f"trainwreck_agent.{name}", fromlist=[name])
    finally:
        sys.path.remove(str(AGENT))
