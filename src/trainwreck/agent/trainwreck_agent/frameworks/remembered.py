"""Remembers the objects with values that a program creates, and keeps none of them alive."""

import weakref

from trainwreck_agent.digest import cover, hash_of
from trainwreck_agent.frameworks import after_call, before_end
from trainwreck_agent.kept import kept_ids

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import Any

    from trainwreck_agent.digest import Digest

    Several = Callable[[Any], Iterable[Any]]

MOST_OBJECTS = 1 << 16


class Remembered:
    """The objects of one class, in order of creation, as one model of the digest.

    Each object has values of its own and parts, like a module of PyTorch and its submodules. Right
    before an object goes, its own values are hashed, and the hash is all that stays. What an object
    adds to the digest does not depend on when it goes: garbage collection may come at any time, and
    a part may outlive the whole.

    Args:
        digest: The digest; nothing is read once it is closed.
        framework: The name for reports.
        own: Returns the tensors or variables of an object without those of its parts.
        value_of: Returns the value of one of them: an array or bytes.
        parts: Returns the objects that are direct parts of an object.

    An object may go at any point of the program, on any thread. So these functions must neither
    change anything nor run code of the program.
    """

    def __init__(
        self,
        digest: "Digest",
        framework: str,
        own: "Several",
        value_of: "Callable[[Any], Any]",
        parts: "Several",
    ) -> None:
        self._digest = digest
        self._framework = framework
        self._own = own
        self._value_of = value_of
        self._parts = parts
        self._numbers: "dict[int, int]" = {}
        self._objects: "list[weakref.ref[Any]]" = []
        self._gone: "dict[int, tuple[str, int, bytes]]" = {}
        self._wholes: "dict[int, int]" = {}
        self._failures: "list[str]" = []
        self._first: "list[Callable[[], object]]" = []
        self._when_used: "list[Callable[[], object]]" = []
        digest.when_forked(self._forget)
        self._hook_end: "Callable[[Any], None] | None" = None
        self.left_out = 0

    def when_used(self, act: "Callable[[], object]") -> None:
        """Call ``act`` once in a process, when its first object is created."""
        self._first.append(act)
        self._when_used.append(act)

    def watch(self, kind: "Any") -> None:
        """Remember each object of a class when it is created, copied or loaded."""
        after_call(kind, "__init__", self.add)
        if hasattr(kind, "__setstate__"):
            after_call(kind, "__setstate__", self.add)
        self.hash_at_end_of(kind)

    def add(self, value: "Any") -> None:
        """Remember an object from now on."""
        number_before = self._numbers.get(id(value))
        if number_before is not None and self._objects[number_before]() is value:
            return
        if len(self._objects) >= MOST_OBJECTS:
            self.left_out += 1
            return
        while self._first:
            self._first.pop()()
        self._numbers[id(value)] = len(self._objects)
        self._objects.append(weakref.ref(value))
        self.hash_at_end_of(type(value))

    def alive(self) -> "list[Any]":
        """Return the objects that exist, in order of creation."""
        return [value for _, value in self._alive()]

    def read(self, read_kept: "Callable[[list[Any]], Iterable[Any] | None]") -> "Iterable[Any]":
        """Return the values of all objects; each may be a copy, so take one at a time.

        Where the program keeps every object with values to its end, these are the values that
        ``read_kept`` returns for the kept objects, unless it returns None. Otherwise there is one
        hash for each object.
        """
        alive = self.alive()
        ids = kept_ids(alive)
        lost = [value for value in alive if id(value) not in ids and list(self._own(value))]
        if not lost and not any(count for _, count, _ in self._gone.values()):
            values = read_kept([value for value in alive if id(value) in ids])
            if values is not None:
                return values
        return self._hashes()

    def gone(self) -> "list[bytes]":
        """Return the hashes of the objects that have gone.

        RuntimeError where one could not be read, or where there were too many.
        """
        if self._failures or self.left_out:
            raise RuntimeError((self._failures or ["too many objects"])[0])
        return [self._gone[number][2] for number in sorted(self._gone) if self._gone[number][2]]

    def covers(self) -> "list[dict[str, Any]]":
        """Return one entry for each object that is part of no other, with its number of values."""
        names: "dict[int, str]" = {}
        arrays: "dict[int, int]" = {}
        for number, (name, count, _) in self._gone.items():
            names[number], arrays[number] = name, count
        for number, value in self._alive():
            names[number], arrays[number] = type(value).__name__, len(list(self._own(value)))
            self._note_parts(number, value)
        totals: "dict[int, int]" = {}
        for number, count in arrays.items():
            whole = self._outermost(number, names)
            totals[whole] = totals.get(whole, 0) + count
        return [
            cover("%s %s" % (self._framework, names[whole]), totals[whole])
            for whole in sorted(totals)
            if totals[whole]
        ]

    def hash_at_end_of(self, kind: "Any") -> None:
        """Hash each remembered object of a class before it goes; call it with the base first."""
        if self._hook_end is None:
            self._hook_end = before_end(kind, self._keep_hash)
        self._hook_end(kind)

    def _forget(self) -> None:
        """Forget all objects in a forked child: they are those of its parent."""
        for by_object in (self._numbers, self._gone, self._wholes):
            by_object.clear()
        self._objects = []
        self._failures = []
        self._first = list(self._when_used)
        self.left_out = 0

    def _keep_hash(self, value: "Any") -> None:
        """Hash an object that is about to go, and note its parts."""
        number = self._numbers.get(id(value))
        if number is None or number in self._gone or not self._digest.is_open:
            return
        # The collector clears references first; another object here has the address of a lost one.
        referred = self._objects[number]()
        if referred is not None and referred is not value:
            return
        name = type(value).__name__
        self._gone[number] = (name, 0, b"")
        try:
            self._note_parts(number, value)
            own = list(self._own(value))
            self._gone[number] = (name, len(own), self._hash(own))
        except Exception as error:
            self._failures.append("%s that has gone: %s: %s" % (name, type(error).__name__, error))

    def _note_parts(self, whole: int, value: "Any") -> None:
        for part in self._parts(value):
            number = self._numbers.get(id(part))
            if number is not None and number != whole:
                self._wholes.setdefault(number, whole)

    def _outermost(self, number: int, names: "dict[int, str]") -> int:
        passed = {number}
        while self._wholes.get(number) in names and self._wholes[number] not in passed:
            number = self._wholes[number]
            passed.add(number)
        return number

    def _alive(self) -> "list[tuple[int, Any]]":
        numbered = [(number, refer()) for number, refer in enumerate(self._objects)]
        return [(number, value) for number, value in numbered if value is not None]

    def _hashes(self) -> "list[bytes]":
        """Return the hashes of all objects with values, in order of creation."""
        if self._failures:
            raise RuntimeError(self._failures[0])
        hashes = {number: self._hash(list(self._own(value))) for number, value in self._alive()}
        hashes.update((number, sha256) for number, (_, _, sha256) in self._gone.items())
        return [hashes[number] for number in sorted(hashes) if hashes[number]]

    def _hash(self, own: "list[Any]") -> bytes:
        """Return the hash of an object's own values; it is empty where there are none."""
        return hash_of(map(self._value_of, own)).digest() if own else b""


def remember_whole(digest: "Digest", objects: "Remembered") -> None:
    """Let objects count for the digest that are one value each, not several arrays.

    They decide too little of how training continues for a checkpoint of their own.
    """

    def read(_model: "Any") -> "Iterable[Any]":
        return objects.read(lambda _: None)

    def covers() -> "list[dict[str, Any]]":
        return [dict(entry, arrays=0) for entry in objects.covers()]

    objects.when_used(lambda: digest.remember(objects, read, None, covers, decides=False))
