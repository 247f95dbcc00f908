"""Calls functions of the user's at each report, and notes when they first fire."""

import importlib.util

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from trainwreck_agent.guest import Guest
    from trainwreck_agent.metric_lines import Report, Values

    Watch = Callable[[int, dict[str, float]], object]


class Watchers:
    """Functions that get the number of a report and the last value of each metric.

    They are loaded at the first report: by then the program has imported what it needs, and its
    folders are on the path. An exception of theirs is the program's: it ends the run.
    """

    def __init__(self, guest: "Guest", report: "Report") -> None:
        self._guest = guest
        self._report = report
        self._watches: "list[tuple[str, Watch]] | None" = None
        self._step = 0
        self._values: "dict[str, float]" = {}
        self._fired: "dict[str, int]" = {}

    def report(self, values: "Values") -> None:
        """Pass a report on, and call each function that has not fired yet."""
        self._report(values)
        if self._watches is None:
            order = self._guest.order["watchers"]
            self._watches = [(name, _function(path, function)) for name, path, function in order]
        self._step += 1
        self._values.update((name, float(text)) for name, text in values)
        for name, watch in self._watches:
            if name not in self._fired and watch(self._step, dict(self._values)):
                self._fired[name] = self._step
                self._guest.events.write("observation", name="fired", value=dict(self._fired))


def _function(path: str, name: str) -> "Any":
    """Return a function of a file, whose module is the agent's own copy."""
    spec = importlib.util.spec_from_file_location("trainwreck_watcher", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return getattr(module, name)
