"""Takes a checkpoint at the first report, and ends a run that stands there as a clean one did."""

import sys

MOST_REPORTS = 1000
"""What comes after these is not recorded, so that a talkative program writes no endless file."""


class Early:
    """The order's rule for ending early, and the number of reports so far."""

    def __init__(self, guest):
        self._guest = guest
        self._order = guest.order
        self._reports = 0

    def report(self, found):
        """The main process printed a line with these names and values of metrics."""
        guest = self._guest
        if not guest.main or guest.finished or self._reports >= MOST_REPORTS:
            return
        self._reports += 1
        values = guest.now()
        checkpoint = None
        if self._reports == 1 and self._order["digest"]:
            checkpoint = guest.digest.checkpoint(repr(found))
        names = [name for name, _ in found]
        guest.events.write("report", metrics=names, checkpoint=checkpoint, **values)
        if guest.probes is not None:
            guest.probes.snapshot()
        horizon = self._order["horizon"]
        if horizon is None or self._reports > 1 or values["hits"] != horizon["hits"]:
            return
        if checkpoint in horizon["checkpoints"]:
            self._end()

    def _end(self):
        guest = self._guest
        guest.events.write("settled", rule="horizon")
        guest.digested = True
        guest.finish()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception as error:
                guest.trouble("flush", error)
        guest.leave(0)
