"""Which lines run in which phase, measured by coverage.py in this process."""

import json
import os
import re


class Executed:
    """A running measurement; raises ImportError where coverage.py is missing."""

    def __init__(self, order):
        # Dynamic contexts need a tracer; the monitoring core of new versions has none.
        core = os.environ.get("COVERAGE_CORE")
        os.environ["COVERAGE_CORE"] = "ctrace"
        try:
            import coverage

            include = [os.path.join(folder, "*") for folder in order["folders"]]
            self._coverage = coverage.Coverage(
                data_file=None, config_file=False, include=include + order["files"]
            )
            self._coverage.start()
        finally:
            if core is None:
                del os.environ["COVERAGE_CORE"]
            else:
                os.environ["COVERAGE_CORE"] = core

    def enter(self, phase):
        """Lines from now on belong to ``phase``."""
        self._coverage.switch_context(phase)

    def write(self, events):
        """Stop, and write what ran as JSON."""
        self._coverage.stop()
        data = self._coverage.get_data()
        phases = {}
        for phase in data.measured_contexts():
            data.set_query_contexts(["^" + re.escape(phase) + "$"])
            lines = {path: sorted(data.lines(path) or []) for path in data.measured_files()}
            phases[phase] = {path: found for path, found in lines.items() if found}
        descriptor, partial = events.create("coverage", ".partial")
        with os.fdopen(descriptor, "w") as file:
            json.dump(phases, file)
        os.rename(partial, partial[: -len(".partial")] + ".json")
