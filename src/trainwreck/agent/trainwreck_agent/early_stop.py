"""Takes a checkpoint at the first report, and ends a run that has a clean run's state there."""

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from trainwreck_agent.guest import Guest

MOST_REPORTS = 1000
"""Later reports are not recorded, so that a talkative program does not fill the disk."""


class EarlyStop:
    """The order's rule for ending early, and the number of reports so far."""

    def __init__(self, guest: "Guest") -> None:
        self._guest = guest
        self.restart()

    def restart(self) -> None:
        """Begin again, as in a forked child."""
        self._reports = 0

    def report(self, values: "list[tuple[str, str]]") -> None:
        """Record a line that this process printed, by its metrics: pairs of name and value."""
        guest = self._guest
        if guest.finished or self._reports >= MOST_REPORTS:
            return
        self._reports += 1
        now = guest.now()
        checkpoint = None
        if self._reports == 1 and guest.order["digest"] and not guest.digested:
            checkpoint = guest.digest.checkpoint(repr(values))
        names = [name for name, _ in values]
        texts = [text for _, text in values]
        guest.events.write("report", metrics=names, values=texts, checkpoint=checkpoint, **now)
        if guest.probes is not None:
            guest.probes.snapshot()
        horizon = guest.order["horizon"]
        # Only the program itself may end: what other processes would still do is not known.
        if horizon is None or not guest.main or self._reports > 1:
            return
        if now["hits"] != horizon["hits"]:
            return
        if checkpoint in horizon["checkpoints"]:
            self._end(horizon["rule"])

    def _end(self, rule: str) -> None:
        guest = self._guest
        guest.events.write("settled", rule=rule)
        guest.digested = True  # The final parameters would be those of an unfinished run.
        guest.finish()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception as error:
                guest.trouble("flush", error)
        guest.leave(0)
