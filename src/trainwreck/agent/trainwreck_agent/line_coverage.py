"""Measures the executed lines of each phase with the coverage.py of this process."""

import json
import os
import re

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.events import Events
    from trainwreck_agent.protocol import CoverageOrder


SIGNS = re.compile(r"[][*?{}!]")
"""Characters that patterns of coverage.py give a meaning, or refuse."""


class LineCoverage:
    """A running measurement. Creating one raises ImportError where coverage.py is missing."""

    def __init__(self, order: "CoverageOrder") -> None:
        # Phases are dynamic contexts. They need a tracer, and `sys.monitoring` is none.
        core = os.environ.get("COVERAGE_CORE")
        os.environ["COVERAGE_CORE"] = "ctrace"
        try:
            import coverage

            include = [os.path.join(_pattern(folder), "*") for folder in order["folders"]]
            include += map(_pattern, order["files"])
            self._coverage: "Any" = coverage.Coverage(
                data_file=None, config_file=False, include=include
            )
            self._coverage.start()
        finally:
            if core is None:
                del os.environ["COVERAGE_CORE"]
            else:
                os.environ["COVERAGE_CORE"] = core

    def enter(self, phase: str) -> None:
        """Assign the lines from here on to ``phase``."""
        self._coverage.switch_context(phase)

    def write(self, events: "Events") -> None:
        """Stop measuring, and write the executed lines as JSON."""
        self._coverage.stop()
        data = self._coverage.get_data()
        phases = {}
        for phase in data.measured_contexts():
            data.set_query_contexts(["^" + re.escape(phase) + "$"])
            lines = {path: sorted(data.lines(path) or []) for path in data.measured_files()}
            phases[phase] = {path: numbers for path, numbers in lines.items() if numbers}
        # Under its final name the file is always complete.
        descriptor, partial = events.create("coverage", ".partial")
        with os.fdopen(descriptor, "w") as file:
            json.dump(phases, file)
        os.rename(partial, partial[: -len(".partial")] + ".json")


def _pattern(path: str) -> str:
    """Return a pattern that matches a path, whatever signs of patterns are in its names."""
    return SIGNS.sub("?", path)
