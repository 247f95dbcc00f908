"""Runs many things at once on this machine."""

from trainwreck.engine.local import run_all
from trainwreck.engine.parallel import map_chunks

__all__ = ["map_chunks", "run_all"]
