"""Notes where the program makes its first model and begins to train, as phases of the run."""

import os
import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

MODEL, TRAINING = "model", "training"
MOST_FRAMES = 50

Place = "tuple[str, int, str, int]"
"""File, line, function, and the function's first line."""


class Landmarks:
    """The first model and the begin of training of one process, each with the lines that led there.

    A framework's file that remembers a model, or counts work, says so without knowing it.
    """

    def __init__(self, guest: "Guest") -> None:
        self._guest = guest
        self._app = os.path.join(os.path.dirname(guest.order["events"]), "app")
        self._reached: "dict[str, list[Any]]" = {}
        self._watch(guest.digest, "remember", MODEL)
        self._watch(guest.work, "count", TRAINING)

    def reach(self, name: str) -> None:
        """Begin a phase the first time that the program gets here; none comes after training."""
        if name in self._reached or TRAINING in self._reached:
            return
        self._reached[name] = [name, self._places()]
        self._guest.enter_phase(name)
        self._guest.events.write(
            "observation", name="landmarks", value=list(self._reached.values())
        )

    def _watch(self, owner: "Any", method: str, name: str) -> None:
        call = getattr(owner, method)

        def note_and_call(*args: "Any", **kwargs: "Any") -> "Any":
            self.reach(name)
            return call(*args, **kwargs)

        setattr(owner, method, note_and_call)

    def _places(self) -> "list[Any]":
        """Return the program's own frames, outermost first."""
        places: "list[Any]" = []
        frame: "Any" = sys._getframe(2)
        while frame is not None and len(places) < MOST_FRAMES:
            code = frame.f_code
            path = os.path.abspath(code.co_filename)
            is_file = not code.co_filename.startswith("<")  # Generated code is `<string>`.
            if is_file and path.startswith(self._app + os.sep):
                places.append([path, frame.f_lineno, code.co_name, code.co_firstlineno])
            frame = frame.f_back
        return places[::-1]
