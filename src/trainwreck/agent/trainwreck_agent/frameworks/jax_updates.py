"""Keeps the parameters that the last update of a JAX program made.

Parameters are values there, not objects. An update that runs as it is gives them to the agent. One
that is compiled is seen only once, while it is traced: the agent notes the structure of the
parameters, and finds it in what each later call of the compiled function returns.

A compiled function is pure: what it changes, it returns. So all that its last call returned decides
how training continues, the state of an optimiser included. Of an update that runs as it is, only
the parameters are known, and there is no checkpoint.
"""

import functools
import types
import weakref

from trainwreck_agent.digest import cover, hash_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import Any

    from trainwreck_agent.guest import Guest

MOST_KEPT = 4
"""Parameters of this number of structures are kept, where updates are not compiled."""
DEEPEST = 4
"""Containers within containers in which parameters are searched."""


class Updates:
    """The last update of each structure, and of each compiled function."""

    def __init__(self, jax: "Any", guest: "Guest") -> None:
        self._jax = jax
        self._guest = guest
        self._direct: "dict[Any, Any]" = {}
        self._hashes: "dict[Any, tuple[int, bytes]]" = {}
        self._returned: "list[tuple[int, bytes]]" = []
        self._functions: "list[weakref.ref[Compiled]]" = []
        self._structures: "weakref.WeakKeyDictionary[Any, list[Any]]" = weakref.WeakKeyDictionary()
        self._remembered = False
        self._compiled = False
        self.running: "Compiled | None" = None

    def updated(self, parameters: "Any") -> None:
        """Take the parameters that an update made, or note their structure while it is traced."""
        leaves, structure = self._jax.tree_util.tree_flatten(parameters)
        if any(isinstance(leaf, self._jax.core.Tracer) for leaf in leaves):
            if self.running is not None:
                self.running.updates(structure)
            return
        self._remember()
        self._direct.pop(structure, None)
        self._direct[structure] = leaves
        if len(self._direct) > MOST_KEPT:
            oldest = next(iter(self._direct))
            self._hashes[oldest] = _hashed(self._direct.pop(oldest))

    def structures_of(self, origin: "Any") -> "list[Any]":
        """Return the structures of the parameters that a function makes, however often compiled.

        JAX traces a function once, however often the program compiles it.
        """
        try:
            return self._structures.setdefault(origin, [])
        except TypeError:  # No weak reference, or no hash.
            return []

    def add(self, function: "Compiled") -> int:
        """Count a compiled function that updates parameters; return its number."""
        self._remember()
        self._functions.append(weakref.ref(function))
        return len(self._functions) - 1

    def ended(self, number: int, function: "Compiled") -> None:
        """Hash what a compiled function last returned, before the function goes."""
        if self._guest.digest.is_open:
            self._returned.append(_hashed(function.returned))
            for index, leaves in function.kept.items():
                self._hashes[number, index] = _hashed(leaves)

    def begin(self) -> None:
        """Note the first call of a compiled function: most lines of libraries run in its trace."""
        if not self._compiled:
            self._compiled = True
            self._guest.begin_compiled()

    def structure_of(self, value: "Any") -> "Any":
        """Return the structure of a tree."""
        return self._jax.tree_util.tree_structure(value)

    def leaves_of(self, value: "Any") -> "list[Any]":
        """Return the leaves of a tree."""
        return list(self._jax.tree_util.tree_leaves(value))

    def _remember(self) -> None:
        if not self._remembered:
            self._remembered = True
            self._guest.begin_training()
            digest = self._guest.digest
            digest.remember(self, lambda _: self._read(), lambda _: self._read_all(), self._covers)

    def _read(self) -> "list[bytes]":
        hashed = self._all()
        if not hashed:
            raise RuntimeError("no compiled function returns the parameters that it updates")
        return [sha256 for _, sha256 in hashed]

    def _read_all(self) -> "list[bytes]":
        if self._direct:
            raise RuntimeError("the state of the optimiser is in the program's own variables")
        everything = self._returned + [_hashed(function.returned) for function in self._living()]
        return self._read() + [sha256 for _, sha256 in sorted(everything)]

    def _covers(self) -> "list[dict[str, Any]]":
        return [cover("JAX update", count) for count, _ in self._all()]

    def _all(self) -> "list[tuple[int, bytes]]":
        """Return number and hash of the arrays of each last update, in an order without ids."""
        hashes = {key: value for key, value in self._hashes.items() if key not in self._direct}
        all_hashes = list(hashes.values())
        all_hashes += [_hashed(leaves) for leaves in self._direct.values()]
        for function in self._living():
            all_hashes += [_hashed(leaves) for leaves in function.kept.values()]
        return sorted(all_hashes)

    def _living(self) -> "list[Compiled]":
        functions = [reference() for reference in self._functions]
        return [function for function in functions if function is not None]


class Compiled:
    """A compiled function of the program; it acts as the function itself.

    What it keeps is what the program has as well: the last parameters go before the next call.
    """

    def __init__(self, function: "Any", updates: "Updates", origin: "Any") -> None:
        self.compiled = function
        self.kept: "dict[int, list[Any]]" = {}
        self.returned: "list[Any]" = []
        self._updates = updates
        self._structures = updates.structures_of(origin)
        self._searched = 0
        self._ways: "list[Any]" = []
        self._number = -1
        functools.update_wrapper(self, function)
        self.__wrapped__ = getattr(function, "__wrapped__", function)

    def __call__(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Call the function; afterwards take the parameters out of what it returns."""
        updates = self._updates
        if updates.running is not None:
            returned = self.compiled(*args, **kwargs)
            for structure in self._structures:
                updates.running.updates(structure)
            return returned
        updates.begin()
        updates.running = self
        self._forget()
        try:
            returned = self.compiled(*args, **kwargs)
        finally:
            updates.running = None
        if self._structures:
            self._take(returned)
        return returned

    def __get__(self, owner: "Any", kind: "Any" = None) -> "Any":
        """Return the function as a method of an object."""
        return self if owner is None else types.MethodType(self, owner)

    def __getattr__(self, name: str) -> "Any":
        """Return what the function itself has under a name."""
        if name in ("compiled", "kept", "returned", "_updates"):
            raise AttributeError(name)
        return getattr(self.compiled, name)

    def __repr__(self) -> str:
        """Return what the function itself prints."""
        return repr(self.compiled)

    def __del__(self) -> None:
        """Hash what is kept."""
        try:
            if self.kept:
                self._updates.ended(self._number, self)
        except Exception:
            pass  # The interpreter is being torn down, or a buffer was given away.

    def lower(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Lower the function; JAX reads this name from the class."""
        return self.compiled.lower(*args, **kwargs)

    def trace(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Trace the function; JAX reads this name from the class."""
        return self.compiled.trace(*args, **kwargs)

    def eval_shape(self, *args: "Any", **kwargs: "Any") -> "Any":
        """Return shapes alone; JAX reads this name from the class."""
        return self.compiled.eval_shape(*args, **kwargs)

    def updates(self, structure: "Any") -> None:
        """Note that the function makes parameters of a structure."""
        if structure not in self._structures:
            self._structures.append(structure)

    def _take(self, returned: "Any") -> None:
        updates = self._updates
        if self._number < 0:
            self._number = updates.add(self)
        try:
            if self._searched != len(self._structures):
                structures = set(self._structures)
                self._ways = list(_ways(returned, structures, updates.structure_of, DEEPEST))
                self._searched = len(self._structures)
            for index, way in enumerate(self._ways):
                value = returned
                for step in way:
                    value = step(value)
                self.kept[index] = updates.leaves_of(value)
            self.returned = updates.leaves_of(returned)
        except Exception:
            self._forget()
            self._searched = 0  # It returns something else this time.

    def _forget(self) -> None:
        """Let go of the last call's arrays before the next call makes others."""
        self.kept.clear()
        self.returned = []


def _ways(
    value: "Any", structures: "set[Any]", structure_of: "Callable[[Any], Any]", depth: int
) -> "Iterator[tuple[Any, ...]]":
    """Yield the ways through containers to the trees of these structures."""
    if structure_of(value) in structures:
        yield ()
        return
    if not depth:
        return
    for step in _steps(value):
        for way in _ways(step(value), structures, structure_of, depth - 1):
            yield (step,) + way


def _steps(value: "Any") -> "list[Any]":
    if isinstance(value, dict):
        return [functools.partial(_item, key) for key in value]
    if isinstance(value, (list, tuple)):
        return [functools.partial(_item, index) for index in range(len(value))]
    if hasattr(value, "dtype"):
        return []
    return [functools.partial(_attribute, name) for name in getattr(value, "__dict__", ())]


def _item(key: "Any", container: "Any") -> "Any":
    return container[key]


def _attribute(name: str, value: "Any") -> "Any":
    return getattr(value, name)


def _hashed(leaves: "list[Any]") -> "tuple[int, bytes]":
    arrays = [array_of(leaf) for leaf in leaves if hasattr(leaf, "dtype")]
    return len(arrays), hash_of(arrays).digest()


def array_of(value: "Any") -> "Any":
    """Return an array of JAX, keys included, as one of NumPy."""
    import numpy

    return numpy.asarray(getattr(value, "_base_array", value))
