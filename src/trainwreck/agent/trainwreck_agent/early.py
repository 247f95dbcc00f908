"""Looks where the program stands at reports and phases; ends a run that stands as a clean one."""

import sys
import time

MOST_REPORTS = 1000


class Early:
    """The order's rules for ending early, and what has been seen so far."""

    def __init__(self, guest):
        self._guest = guest
        self._order = guest.order
        self._reports = 0
        self._reported = []
        self._given_up = False
        self.own = [0.0, 0.0]

    def report(self, found):
        """The main process printed a line with these names and values of metrics."""
        guest = self._guest
        if not guest.main or guest.finished:
            return
        if self._reports >= MOST_REPORTS:
            self._given_up = True  # What is not remembered cannot be compared.
            return
        self._reports += 1
        self._reported.append(found)
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
            self._end("horizon")

    def phase(self, name):
        """The program begins a phase; what the look costs is told, so that it can be taken off."""
        cut = self._order["cut"]
        wanted = self._order["states"] or (cut is not None and cut["phase"] == name)
        if not wanted or self._given_up or not self._guest.main:
            return
        wall, cpu = time.perf_counter(), time.process_time()
        state = self._guest.read_state(self._reported)
        self.own[0] += time.perf_counter() - wall
        self.own[1] += time.process_time() - cpu
        self._guest.events.write(
            "state", phase=name, digest=state["digest"], opaque=state["opaque"], own=self.own
        )
        self._given_up = bool(state["opaque"])
        same = cut is not None and not state["opaque"] and state["digest"] in cut["digests"]
        if same and cut["phase"] == name:
            self._end("cut")

    def _end(self, rule):
        guest = self._guest
        guest.events.write("settled", rule=rule)
        guest.digested = True
        guest.finish()
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception as error:
                guest.trouble("flush", error)
        guest.leave(0)
