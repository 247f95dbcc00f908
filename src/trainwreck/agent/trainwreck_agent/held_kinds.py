"""The kinds of objects whose content can be compared, and those that never change."""

import functools
import io
import itertools
import random
import sys
import types
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from typing import Any

ATOMS = frozenset([int, float, complex, bool, str, bytes, type(None), type(Ellipsis), range, slice])
LARGEST_CONTENT = 1 << 22
HEAP_TYPE = 1 << 9
IMMUTABLE_TYPE = 1 << 8
"""Before Python 3.10, no type has this flag."""
POINTER = 8
MODES = ("_len_torch_function_stack", "_len_torch_dispatch_stack")
"""Functions that count what the program has put between itself and PyTorch."""

INERT = (
    types.CodeType,
    types.FrameType,
    types.TracebackType,
    types.GetSetDescriptorType,
    types.MemberDescriptorType,
    type(str.join),
    type(object.__init__),
    type(object().__str__),
    type(NotImplemented),
    property,
    classmethod,
    staticmethod,
    weakref.ref,
    BaseException,
)
"""The types of objects without a state of their own that could go on."""
INERT_NAMES = frozenset(
    [
        "_sre.SRE_Pattern",
        "re.Pattern",
        "operator.itemgetter",
        "operator.attrgetter",
        "operator.methodcaller",
        "_thread._ThreadHandle",
        "numpy.ufunc",
        "torch.dtype",
        "torch.device",
        "builtins.object",
    ]
)
ITERATORS = frozenset(
    [
        type(iter([])),
        type(iter(())),
        type(iter("")),
        type(iter(b"")),
        type(iter({})),
        type(iter({}.values())),
        type(iter({}.items())),
        type(iter(set())),
        type(iter(range(0))),
        type(reversed([])),
    ]
)
"""The iterators that say how much is left of them."""
STATELESS = frozenset(
    [enumerate, zip, map, filter, itertools.chain, itertools.starmap, itertools.filterfalse]
    + [itertools.takewhile, itertools.dropwhile, itertools.compress, itertools.zip_longest]
)
"""The iterators that are as far as those which they lead to."""
POSITIONS = ITERATORS | STATELESS | {itertools.repeat, io.StringIO, io.BytesIO}
"""The iterators in C whose position can be read, as it can of generators and of Python's own."""
PROXIES = (weakref.ProxyType, weakref.CallableProxyType)
BUFFERED = (io.BufferedReader, io.BufferedRandom)
LEADING = frozenset(
    [
        type((lambda value: lambda: value)(0).__closure__[0]),  # type: ignore[index]
        types.SimpleNamespace,
        types.MappingProxyType,
        functools.partial,
    ]
)
"""The types that are what they lead to."""
BASES = frozenset([object, list, tuple, dict, set, frozenset, int, float, str, bytes])


def _content(value: "Any") -> bytes:
    """Return the bytes of a buffer. Raises ValueError where they are too many."""
    view = memoryview(value)
    if view.nbytes > LARGEST_CONTENT:
        raise ValueError("a large array")
    return view.tobytes()


READERS: "dict[str, Callable[[Any], Any]]" = {
    "re.Match": lambda value: value.span(),
    "_sre.SRE_Match": lambda value: value.span(),
    "_thread.lock": lambda value: value.locked(),
    "_thread.RLock": repr,
    "itertools.count": repr,
    "itertools.repeat": repr,
    "random.Random": lambda value: hash(value.getstate()),
    "functools._lru_cache_wrapper": lambda value: tuple(value.cache_info()),
    "builtins.bytearray": _content,
    "builtins.memoryview": _content,
    "array.array": _content,
}
"""The functions that read the content of a type's objects."""


def last_of(count: "itertools.count[Any]") -> float:
    """Return the number that an endless iterator gave last; it shows the next one."""
    try:
        numbers = [float(text) for text in repr(count)[len("count(") : -1].split(",")]
    except ValueError:
        return float("nan")
    return numbers[0] - (numbers[1] if len(numbers) > 1 else 1.0)


def marks_of(value: "Any", kind: type) -> "Any":
    """Return the content of a value that leads to nothing; None where it has to be followed.

    Raises ValueError where it has a state that cannot be read.
    """
    name = "%s.%s" % (kind.__module__, kind.__name__)
    if name in INERT_NAMES:
        return name
    if name in READERS:
        return READERS[name](value)
    if kind in (io.StringIO, io.BytesIO):
        return len(value.getvalue()), value.tell()
    if issubclass(kind, io.IOBase):
        return name  # What a file has read or written is seen from outside.
    package = name.partition(".")[0]
    if package == "numpy":
        return _of_numpy(value, kind, name)
    return _of_torch(value, kind) if package == "torch" else None


def is_iterator(kind: type) -> bool:
    """Return whether objects of this type may be what a `for` loop goes through.

    Files are none where what they have read is seen from outside.
    """
    if issubclass(kind, PROXIES) or (issubclass(kind, io.IOBase) and kind not in POSITIONS):
        return False
    return any("__next__" in _held_by(base) for base in kind.__mro__)


def hides_lines(value: "Any") -> bool:
    """Return whether a file may have read lines that the program has not had yet."""
    if not isinstance(value, BUFFERED) or value is getattr(sys.__stdin__, "buffer", None):
        return False
    return type(value.raw) is not io.FileIO or not value.raw.closed


def is_readable(kind: type) -> bool:
    """Return whether objects of this type are no more than what they lead to."""
    if kind in LEADING or kind in STATELESS or kind in ITERATORS:
        return True
    bases = kind.__mro__
    return bool(kind.__flags__ & HEAP_TYPE) and all(map(_is_plain, bases))


def hidden_states(modules: "Mapping[str, Any]") -> "Iterator[Any]":
    """Yield the states of generators of random numbers that no variable needs to hold."""
    yield hash(random.Random.getstate(random._inst))
    legacy = modules.get("numpy.random.mtrand")
    if legacy is not None:
        yield repr(legacy._rand.get_state())
    torch = modules.get("torch")
    if torch is not None:
        yield hash(torch.default_generator.get_state().numpy().tobytes())


def _held_by(base: type) -> "Mapping[str, Any]":
    held: "Mapping[str, Any]" = type.__dict__["__dict__"].__get__(base)
    return held


def _is_plain(base: type) -> bool:
    """Return whether a class is made in Python: its objects hold its attributes, and no more."""
    if base in BASES:
        return True
    flags = base.__flags__
    if not flags & HEAP_TYPE or flags & IMMUTABLE_TYPE or base.__base__ is None:
        return False
    held = _held_by(base)
    slots = sum(type(value) is types.MemberDescriptorType for value in held.values())
    slots += ("__dict__" in held) + ("__weakref__" in held)
    return base.__basicsize__ - base.__base__.__basicsize__ <= POINTER * slots


def _of_numpy(value: "Any", kind: type, name: str) -> "Any":
    if name == "numpy.ndarray":
        if value.dtype.hasobject:
            raise ValueError("an array of objects")
        return _content(value)
    if hasattr(kind, "tobytes"):  # A scalar.
        return value.tobytes()
    if name.startswith("numpy.dtype"):
        return name
    generator = getattr(value, "bit_generator", None)
    if name.endswith(("Generator", "RandomState")):
        return repr((generator.state if generator is not None else value.get_state()))
    return None


def _of_torch(value: "Any", kind: type) -> "Any":
    """Return the content of a tensor; None for other objects.

    Its version would not do: a change of ``tensor.data`` leaves that as it is. Raises
    ValueError where the content is not in memory, or code of the program would run for it.
    """
    if not hasattr(kind, "data_ptr"):
        return None
    torch = sys.modules["torch"]
    modes = [getattr(torch._C, name, None) for name in MODES]
    if kind not in (torch.Tensor, torch.nn.Parameter) or any(mode and mode() for mode in modes):
        raise ValueError("a tensor of its own kind")
    if value.device.type != "cpu":
        raise ValueError("a tensor on a device")
    return _content(value.detach().numpy())
