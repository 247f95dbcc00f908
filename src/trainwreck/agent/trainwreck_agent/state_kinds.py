"""What of an object is read, by its kind: told by names, so that no library is imported for it."""

import gc
import hashlib
import os
import sys
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType

# Nothing of the program runs for it: classes are asked through the descriptors of type,
# containers through their base class's methods, and of other objects only fields kept in C or in
# slots are read.

HERE = os.path.dirname(os.path.abspath(__file__))
HEAP = 1 << 9
CYTHON = "cython_function_or_method"
ABSENT = "(absent)"
FIELDS_IN_C = (GetSetDescriptorType, MemberDescriptorType)

# The import system, which the agent itself changes, and what keeps book of the interpreter.
NO_MODULES = frozenset(
    str.split(
        """
        trainwreck_agent sitecustomize importlib _frozen_importlib _frozen_importlib_external _imp
        zipimport runpy linecache gc threading _thread tracemalloc faulthandler opcode dis
        ctypes _ctypes
        """
    )
)
# How a module or class came to be, and caches of what is asked of it.
NO_NAMES = frozenset(
    str.split(
        """
        __builtins__ __spec__ __loader__ __cached__ __file__ __path__ __doc__ __warningregistry__
        __dict__ __weakref__ __dictoffset__ __weaklistoffset__ __vectorcalloffset__
        __firstlineno__ __static_attributes__ _abc_impl _abc_registry _abc_cache
        _abc_negative_cache _abc_negative_cache_version __trainwreck_hit__ __trainwreck_phase__
        """
    )
)
# Facts of the process, and caches of pure functions, by module or class.
NO_VALUES = {
    "sys": {"modules", "meta_path", "path_hooks", "path_importer_cache"},  # the import system
    "logging": {"_startTime", "_at_fork_reinit_lock_weakset"},  # when it was imported, locks
    "tempfile": {"_name_sequence"},  # random names, seeded by the operating system
    "uuid": {"_node", "_last_timestamp"},  # hardware address, time
    "multiprocessing.process": {"_current_process", "_process_counter"},  # a random key, ids
    "types": {"_ag"},  # an example of a generator, left over
    "ctypes.CDLL": {"_handle"},  # an address
    "re": {"_cache", "_cache2", "_compile_repl"},
    "sre_compile": {"_cache"},
    "inspect": {"modulesbyfile", "_filesbymodname"},  # a cache of sys.modules
    "pathlib.PurePath": {"_hash"},  # a cache that depends on the scratch folder
    "pathlib._local.PurePath": {"_hash"},
}
# What may be not looked into: code is what the bug is in, the rest is the operating system's.
ALLOWED = frozenset(
    str.split(
        """
        builtins.code builtins.PyCapsule types.CapsuleType _thread.lock _thread.RLock
        threading.Condition threading.Event threading.Thread _io._IOBase
        functools._lru_list_elem _json.Scanner _json.Encoder
        """
    )
)
# Objects that are no more than these fields in C.
FIELDS = {
    "start stop step": "builtins.slice builtins.range",
    "fget fset fdel": "builtins.property",
    "__func__": "builtins.staticmethod builtins.classmethod",
    "__func__ __self__": "builtins.method",
    "__qualname__ __self__": "builtins.builtin_function_or_method builtins.method-wrapper",
    "__qualname__": "builtins.wrapper_descriptor builtins.method_descriptor "
    "builtins.classmethod_descriptor builtins.getset_descriptor builtins.member_descriptor",
    "__qualname__ __self__ __defaults__ __kwdefaults__": CYTHON,
    "__thisclass__ __self__": "builtins.super",
    "args __cause__ __context__ __traceback__": "builtins.BaseException",
    "__origin__ __args__": "types.GenericAlias types.UnionType",
    "__name__": "typing.TypeVar typing.ParamSpec typing.TypeVarTuple numpy.ufunc",
    "func args keywords": "functools.partial",
    "format": "_struct.Struct builtins.Struct",
    "delimiter quotechar escapechar doublequote lineterminator quoting strict": "_csv.Dialect",
    "pattern flags": "re.Pattern _sre.SRE_Pattern",
    "_implementation": "numpy._ArrayFunctionDispatcher",
    "bit_generator": "numpy.random._generator.Generator numpy.random.generator.Generator",
    "state": "numpy.random.bit_generator.BitGenerator numpy.random.common.BitGenerator "
    "numpy.random.bit_generator.SeedSequence",
}
# Objects of which this method, in C, tells everything.
METHODS = {
    "getstate": "_random.Random",
    "__reduce__": "operator.itemgetter operator.attrgetter operator.methodcaller "
    "_collections._tuplegetter collections._tuplegetter datetime.date datetime.time "
    "datetime.timedelta decimal.Decimal decimal.Context numpy.dtype",
    "__getinitargs__": "datetime.timezone",
    "tolist": "array.array",
    "getvalue": "_io.StringIO _io.BytesIO",
    "__call__": "builtins.weakref weakref.ReferenceType",
    "get_state": "mtrand.RandomState",
}

mro_of = type.__dict__["__mro__"].__get__
names_of = type.__dict__["__dict__"].__get__
_flags = type.__dict__["__flags__"].__get__
_base = type.__dict__["__base__"].__get__
_size = type.__dict__["__basicsize__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_module = type.__dict__["__module__"].__get__


class Unreadable(Exception):
    """An object keeps something where nobody can look; the arguments are what could be read."""


class Space:
    """The names of a module, class body or function, and whose they are."""

    def __init__(self, names, title):
        self.names = names
        self.title = title


class Pending:
    """Something of a running function that nobody can look at."""

    def __init__(self, kind):
        self.kind = kind


def _read_pending(_walk, item):
    raise Unreadable([item.kind], item.kind)


def title_of(kind):
    """A type's full name."""
    module, name = _module(kind), _qualname(kind)
    return "%s.%s" % (module if type(module) is str else "?", name)


def encode(text):
    """The bytes of any text, lone surrogates too."""
    return str.encode(text, "utf-8", "surrogatepass")


def written(tag, data):
    """The token of some bytes."""
    return b"%s%d:%s" % (tag, len(data), data)


def is_agents(value):
    """Whether a function is the agent's own, not one that it stands in for."""
    if type(value) is MethodType:
        value = value.__func__
    if type(value) is FunctionType:
        return value.__code__.co_filename.startswith(HERE) and "__wrapped__" not in value.__dict__
    return False


def dict_of(item):
    """An instance's own dictionary, whatever its class says; None where it has none."""
    for base in mro_of(type(item)):
        field = names_of(base).get("__dict__")
        if type(field) in FIELDS_IN_C and base is not type:
            found = field.__get__(item)
            return found if issubclass(type(found), dict) else None
    return None


def _field(item, name):
    """A field kept in C or in a slot: properties of Python are passed over."""
    for base in mro_of(type(item)):
        field = names_of(base).get(name)
        if type(field) in FIELDS_IN_C:
            return read_field(field, item)
    return ABSENT


def read_field(field, item):
    """A field's value, if it has one."""
    try:
        return field.__get__(item)
    except (AttributeError, ValueError):
        return ABSENT


def _is_hidden(kind):
    """Whether objects are larger than the slots and dictionaries that can be read."""
    while kind is not object:
        base, names = _base(kind), names_of(kind)
        shown = sum(type(field) is MemberDescriptorType for field in names.values())
        shown += ("__dict__" in names) + ("__weakref__" in names)
        if _size(kind) - _size(base) > shown * 8:
            return True
        kind = base
    return False


def reader_of(kind):
    """The function (walk, item) that gives what objects of a type hold."""
    for base in mro_of(kind):
        title = title_of(base)
        if title in WHOLE:
            return WHOLE[title]
        if title.startswith("trainwreck_agent."):
            return _nothing
        read = _content_reader(base, title)
        if read is not None:
            return lambda walk, item: read(walk, item) + walk.attributes(item)
    return _instance if not _is_hidden(kind) else _hidden_instance


def _nothing(_walk, _item):
    return []


def _instance(walk, item):
    return walk.attributes(item)


def _hidden_instance(walk, item):
    raise Unreadable(walk.attributes(item))


def _content_reader(base, title):
    """The function (walk, item) that gives what a known base class keeps, or None."""
    if title in ALLOWED:
        return _nothing
    if title.endswith(".cython_function_or_method"):
        title = CYTHON
    for names, titles in FIELDS.items():
        if title in titles.split():
            return lambda _walk, item: [_field(item, name) for name in names.split()]
    for name, titles in METHODS.items():
        if title in titles.split():
            method = names_of(base)[name]
            return lambda _walk, item: [] if _is_system_random(item) else [method(item)]
    read = CONTENTS.get(title)
    return None if read is None else lambda walk, item: read(walk, item, base)


def _is_system_random(item):
    return any(title_of(base) == "random.SystemRandom" for base in mro_of(type(item)))


def _function(walk, item):
    names, code = item.__dict__, item.__code__
    if code.co_filename.startswith(HERE):
        return [names.get("__wrapped__")]
    found = [item.__module__, item.__qualname__, code.co_firstlineno, item.__defaults__]
    found += [item.__kwdefaults__, item.__annotations__, item.__closure__, names]
    if code.co_name == "<lambda>":  # Two on one line have the same name.
        found += [code.co_code, code.co_names, code.co_varnames, code.co_consts]
    return found + walk.globals_of(item)


def _class(walk, item):
    title = title_of(item)
    if not _flags(item) & HEAP or title.split(".")[0] in NO_MODULES:
        return [title]
    return [title, type.__dict__["__bases__"].__get__(item)] + walk.space(names_of(item), title)


def _loaded_module(walk, item):
    names = dict_of(item)
    return [names.get("__name__")] + ([] if walk.is_loaded(item) else [Space(names, "")])


def _ordered(walk, item, base):
    """The order of an OrderedDict is its own, and asking for it hashes the keys."""
    pairs = walk.pairs(item)
    plain = all(type(key) in (str, int) for key in pairs[::2])
    return ([list(base.__iter__(item))] if plain else []) + pairs


def _count(_walk, item, base):
    if any(type(number) is not int for number in gc.get_referents(item) if number is not base):
        raise Unreadable([])
    return [repr(item)]


def _context_variable(_walk, item, base):
    return [_field(item, "name"), base.get(item, ABSENT)]


def _thread_local(_walk, item, base):
    return [base.__getattribute__(item, "__dict__")]


def _array(_walk, item, base):
    """An array's bytes, and which part of which other array they are."""
    owner, dtype = _field(item, "base"), _field(item, "dtype")
    found = [dtype, _field(item, "shape"), _field(item, "strides"), owner]
    if base in mro_of(type(owner)):
        found.append(_address(item) - _address(owner))
    if _field(dtype, "hasobject"):
        return found + [base.tolist(item)]
    plain = base.view(item, base)
    flat = plain.reshape(-1).view("u1") if plain.flags.c_contiguous and plain.size else None
    content = plain.tobytes() if flat is None else flat
    return found + [hashlib.sha256(content).hexdigest()]


def _address(array):
    return _field(array, "__array_interface__")["data"][0]


def _random_state(_walk, item, base):
    read = names_of(base)["get_state"]
    try:
        return [read(item, legacy=False)]
    except TypeError:  # NumPy before 1.17.
        return [read(item)]


VALUES = {
    id(type(None)): lambda _: b"N",
    id(type(Ellipsis)): lambda _: b"E",
    id(type(NotImplemented)): lambda _: b"I",
    id(bool): lambda item: b"T" if item else b"F",
    id(int): lambda item: b"i%x;" % item,
    id(float): lambda item: b"f%s;" % repr(item).encode(),
    id(complex): lambda item: b"c%s;" % repr(item).encode(),
}
# Types whose hash, and so whose order in a set, is the same in every process.
STEADY = {id(kind) for kind in (int, bool)}
if not sys.flags.hash_randomization:
    STEADY |= {id(str), id(bytes)}
WHOLE = {
    __name__ + ".Space": lambda walk, item: walk.space(item.names, item.title),
    __name__ + ".Pending": _read_pending,
    "builtins.function": _function,
    "builtins.type": _class,
    "builtins.module": _loaded_module,
    "threading.Thread": _nothing,
}
CONTENTS = {
    "builtins.int": lambda _walk, item, _base: [int.__format__(item, "x")],
    "builtins.float": lambda _walk, item, _base: [float.__repr__(item)],
    "builtins.complex": lambda _walk, item, _base: [complex.__repr__(item)],
    "builtins.str": lambda _walk, item, _base: [str.__str__(item)],
    "builtins.bytes": lambda _walk, item, _base: [bytes.__getitem__(item, slice(None))],
    "builtins.list": lambda _walk, item, _base: list(list.__iter__(item)),
    "builtins.tuple": lambda _walk, item, _base: list(tuple.__iter__(item)),
    "builtins.dict": lambda walk, item, _base: walk.pairs(item),
    "builtins.set": lambda walk, item, _base: walk.elements_in_order(set.__iter__(item)),
    "builtins.frozenset": lambda walk, item, base: walk.elements_in_order(base.__iter__(item)),
    "builtins.mappingproxy": lambda _walk, item, _base: gc.get_referents(item),
    "builtins.cell": lambda _walk, item, _base: [_field(item, "cell_contents")],
    "collections.OrderedDict": _ordered,
    "collections.deque": lambda _walk, item, base: (
        [_field(item, "maxlen")] + list(base.__iter__(item))
    ),
    "functools._lru_cache_wrapper": lambda _walk, item, _base: gc.get_referents(item),
    "itertools.count": _count,
    "builtins.bytearray": lambda _walk, item, _base: [bytes(item)],
    "builtins.ContextVar": _context_variable,
    "_contextvars.ContextVar": _context_variable,
    "_thread._local": _thread_local,
    "numpy.ndarray": _array,
    "numpy.generic": lambda _walk, item, base: [_field(item, "dtype"), base.tobytes(item)],
    "numpy.random.mtrand.RandomState": _random_state,
}
