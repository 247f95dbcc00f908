"""Digests a program's whole Python state, so that it can be compared with another run's.

Nothing of the program runs for it: classes are asked through ``type``'s own descriptors, containers
through their base class's methods, and of other objects only fields kept in C or in slots are read.
What a type keeps is told by the names below, so that no library is imported to know its types.
"""

import gc
import hashlib
import opcode
import os
import sys
from types import FunctionType, GetSetDescriptorType, MemberDescriptorType, MethodType

HERE = os.path.dirname(os.path.abspath(__file__))
HEAP = 1 << 9
OPTIMIZED = 1
LOOKING_BACK = frozenset(["locals", "vars", "eval", "exec", "dir", "_getframe", "currentframe"])
CYTHON = "cython_function_or_method"
ABSENT = "(absent)"
FIELDS_IN_C = (GetSetDescriptorType, MemberDescriptorType)
BLOCKS = {opcode.opmap[name]: name for name in ("FOR_ITER", "SETUP_WITH") if name in opcode.opmap}
JUMP = 2 if sys.version_info >= (3, 10) else 1

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

_mro = type.__dict__["__mro__"].__get__
_names_of = type.__dict__["__dict__"].__get__
_flags = type.__dict__["__flags__"].__get__
_base = type.__dict__["__base__"].__get__
_size = type.__dict__["__basicsize__"].__get__
_qualname = type.__dict__["__qualname__"].__get__
_module = type.__dict__["__module__"].__get__


class Unreadable(Exception):
    """An object keeps something where nobody can look; the arguments are what could be read."""


MOST_OBJECTS = 250000
"""A program with more is not looked into: reading it would take longer than it saves."""


class State:
    """Everything that modules and running functions reach.

    ``readers`` are pairs of a predicate on a type and a function that makes of such an object
    something to walk instead; they come before every rule of this file.
    """

    def __init__(self, readers=()):
        self._readers = tuple(readers)

    def read(self):
        """``digest`` (hexadecimal, or None), ``objects`` (how many), ``opaque`` (sorted kinds)."""
        try:
            return Walk(self._readers).of_program()
        except Exception as error:
            return {"digest": None, "objects": 0, "opaque": [type(error).__name__]}


class Walk:
    """One visit of everything, each object once."""

    def __init__(self, readers=()):
        self._readers = readers
        self._how = {}
        self._seen = {}
        self._kept = []  # An id must not be given to a second object before the end.
        self._opaque = set()
        self._hash = hashlib.sha256()
        self._waiting = []
        self._length = 0
        self._modules = {id(module) for module in list(sys.modules.values())}
        self._spaces = {id(_dict_of(module)) for module in list(sys.modules.values())}
        self._environments = {id(getattr(os.environ, "_data", None))}
        self._environments.add(id(getattr(sys.modules.get("posix"), "environ", None)))
        # The folder of a trial is called differently where several run at once.
        self._folder = os.fsencode(os.path.dirname(os.environ.get("TRAINWRECK_ORDER", "")))

    def of_program(self):
        """Modules by name, then the functions that are being run."""
        modules = [(name, sys.modules.get(name)) for name in sorted(_walked_modules())]
        roots = [part for name, module in modules for part in (name, _contents(module, name))]
        return self.of(roots + self._frames(sys._getframe()))

    def of(self, root):
        """What ``State.read`` gives, of one object."""
        stack = [iter([root])]
        while stack:
            if len(self._seen) > MOST_OBJECTS:
                return {
                    "digest": None,
                    "objects": len(self._seen),
                    "opaque": ["anything beyond the first %d objects" % MOST_OBJECTS],
                }
            for item in stack[-1]:
                children = self._visit(item)
                if children is not None:
                    stack.append(iter(children))
                    break
            else:
                stack.pop()
        self._hash.update(b"".join(self._waiting))
        opaque = sorted(self._opaque)
        return {"digest": self._hash.hexdigest(), "objects": len(self._seen), "opaque": opaque}

    def _feed(self, token):
        self._waiting.append(token)
        self._length += len(token)
        if self._length > 1 << 16:
            self._hash.update(b"".join(self._waiting))
            self._waiting, self._length = [], 0

    def _visit(self, item):
        """Feed an object's own part and return what it holds."""
        token = self._value(item)
        if token is None and id(item) in self._seen:
            token = b"#%d;" % self._seen[id(item)]
        if token is not None:
            self._feed(token)
            return None
        self._seen[id(item)] = len(self._seen)
        self._kept.append(item)
        kind = type(item)
        try:
            children = self._reader(kind)(self, item)
        except Unreadable as problem:
            self._opaque.add(_title(kind) if len(problem.args) < 2 else problem.args[1])
            children = problem.args[0]
        except Exception:
            self._opaque.add(_title(kind))
            children = []
        self._feed(b"%s %d;" % (_encode(_title(kind)), len(children)))
        return children

    def _value(self, item):
        """The token of a value that has no identity of its own, or None."""
        kind = type(item)
        if kind is str:
            return _written(b"s", self._placed(_encode(item)))
        if kind is bytes:
            return _written(b"b", self._placed(item))
        if kind is tuple and len(item) < 16:
            # Whether equal constants are one object depends on who compiled them.
            parts = [None if type(part) is tuple and part else self._value(part) for part in item]
            return None if None in parts else b"(%d;%s" % (len(parts), b"".join(parts))
        write = VALUES.get(id(kind))
        return None if write is None else write(item)

    def _placed(self, content):
        if self._folder and self._folder in content:
            return content.replace(self._folder, b"(scratch)")
        return content

    def _reader(self, kind):
        """The function that gives what objects of a type hold; found once for each type."""
        found = self._how.get(id(kind))
        if found is None:
            self._kept.append(kind)
            found = self._how[id(kind)] = self._choose(kind)
        return found

    def _choose(self, kind):
        for matches, read in self._readers:
            if matches(kind):
                return lambda _walk, item: [read(item)]
        for base in _mro(kind):
            title = _title(base)
            if title in WHOLE:
                return WHOLE[title]
            if title.startswith("trainwreck_agent."):
                return _nothing
            read = _content_reader(base, title)
            if read is not None:
                return lambda walk, item: read(walk, item) + walk.attributes(item)
        return _instance if not _is_hidden(kind) else _hidden_instance

    def attributes(self, item):
        """Fields in slots, then the instance's own dictionary."""
        found = []
        for base in _mro(type(item)):
            left_out = NO_VALUES.get(_title(base), frozenset())
            for name, field in _names_of(base).items():
                if type(field) is MemberDescriptorType and name not in NO_NAMES | left_out:
                    found += [name, _read_field(field, item)]
        own = _dict_of(item)
        return found if own is None else found + self.pairs(own)

    def pairs(self, mapping):
        """Keys and values in their order."""
        found = [part for pair in dict.items(mapping) for part in pair]
        if id(mapping) in self._environments:
            ours = [str(key).lstrip("b'").startswith("TRAINWRECK_") for key in found[::2]]
            found = [part for index, part in enumerate(found) if not ours[index // 2]]
        return found

    def elements_in_order(self, items):
        """Members of a set in an order that does not depend on addresses, if there is one."""
        items = list(items)
        if len(items) < 2:
            return items
        labels = [self._label(item) for item in items]
        if None in labels or len(set(labels)) < len(labels):
            raise Unreadable([len(items)], "set of objects")
        if all(id(type(item)) in STEADY for item in items):
            return items  # The order tells how the set was made, and the program can see it.
        pairs = zip(labels, items)
        return [item for _, item in sorted(pairs, key=lambda pair: pair[0])]

    def _label(self, item):
        """What tells a member from others and is the same in every process, or None."""
        token = self._value(item)
        if token is not None:
            return token
        kind = type(item)
        if issubclass(kind, int):
            return _encode("%s %s" % (_title(kind), int.__format__(item, "x")))
        if issubclass(kind, type):
            return _encode("class " + _title(item))
        if kind is FunctionType:
            line = item.__code__.co_firstlineno
            return _encode("function %s.%s %d" % (item.__module__, item.__qualname__, line))
        if _title(kind) == "builtins.builtin_function_or_method":
            return _encode("builtin %s.%s" % (item.__module__, item.__qualname__))
        if _title(kind) == "numpy._ArrayFunctionDispatcher":
            return _encode("function %(__module__)s.%(__qualname__)s" % _dict_of(item))
        if any(_title(base) == "enum.Enum" for base in _mro(kind)):
            return _encode("member %s.%s" % (_title(kind), _dict_of(item)["_name_"]))
        return None

    def space(self, names, title=""):
        """The names and values of a module or class, without what is left out."""
        left_out = NO_VALUES.get(title, ())
        found = []
        for name, value in list(names.items()):
            if type(name) is not str or not (
                name in NO_NAMES or name in left_out or _is_agents(value)
            ):
                found += [name, value]
        return found

    def globals_of(self, function):
        """A function's globals where no module shows them, as after ``exec``."""
        names = function.__globals__
        return [] if id(names) in self._spaces else [_Space(names, "")]

    def is_loaded(self, module):
        """Whether a module is visited by its name anyway."""
        return id(module) in self._modules

    def _frames(self, frame):
        """Of each function that is being run, innermost first: where it is, and its variables."""
        found = []
        while frame is not None:
            code = frame.f_code
            if not _is_ours(frame.f_globals, code):
                found += [code.co_name, code.co_firstlineno, frame.f_lineno]
                found += [_Pending(kind) for kind in _pending(frame)]
                found.append(self._variables(frame))
            frame = frame.f_back
        if len(sys._current_frames()) > 1:
            found.append(_Pending("running thread"))
        return found

    def _variables(self, frame):
        """Reading them would change a dictionary that the function got of them before 3.13."""
        if id(frame.f_globals) in self._spaces and frame.f_code.co_name == "<module>":
            return None
        if LOOKING_BACK.intersection(frame.f_code.co_names) and sys.version_info < (3, 13):
            return _Pending("function that asks for its variables")
        return _Space(_variables(frame), "")


class _Space:
    """The names of a module, class body or function, and whose they are."""

    def __init__(self, names, title):
        self.names = names
        self.title = title


class _Pending:
    """Something of a running function that nobody can look at."""

    def __init__(self, kind):
        self.kind = kind


def _read_pending(_walk, item):
    raise Unreadable([item.kind], item.kind)


def _title(kind):
    module, name = _module(kind), _qualname(kind)
    return "%s.%s" % (module if type(module) is str else "?", name)


def _encode(text):
    return str.encode(text, "utf-8", "surrogatepass")


def _written(tag, data):
    return b"%s%d:%s" % (tag, len(data), data)


def _walked_modules():
    for name in list(sys.modules):
        if type(name) is str and name.split(".")[0] not in NO_MODULES:
            yield name


def _contents(module, name):
    """Some libraries put other objects than modules among the modules."""
    names = _dict_of(module)
    return module if names is None else _Space(names, name)


def _is_ours(names, code):
    """Code of the agent, or of the import system that it changes."""
    name = names.get("__name__")
    top = name.split(".")[0] if type(name) is str else ""
    return code.co_filename.startswith(HERE) or top in ("runpy", "importlib", "_frozen_importlib")


def _is_agents(value):
    if type(value) is MethodType:
        value = value.__func__
    if type(value) is FunctionType:
        return value.__code__.co_filename.startswith(HERE) and "__wrapped__" not in value.__dict__
    return False


def _dict_of(item):
    """An instance's own dictionary, whatever its class says; None where it has none."""
    for base in _mro(type(item)):
        field = _names_of(base).get("__dict__")
        if type(field) in FIELDS_IN_C and base is not type:
            found = field.__get__(item)
            return found if issubclass(type(found), dict) else None
    return None


def _field(item, name):
    """A field kept in C or in a slot: properties of Python are passed over."""
    for base in _mro(type(item)):
        field = _names_of(base).get(name)
        if type(field) in FIELDS_IN_C:
            return _read_field(field, item)
    return ABSENT


def _read_field(field, item):
    try:
        return field.__get__(item)
    except (AttributeError, ValueError):
        return ABSENT


def _is_hidden(kind):
    """Whether objects are larger than the slots and dictionaries that can be read."""
    while kind is not object:
        base, names = _base(kind), _names_of(kind)
        shown = sum(type(field) is MemberDescriptorType for field in names.values())
        shown += ("__dict__" in names) + ("__weakref__" in names)
        if _size(kind) - _size(base) > shown * 8:
            return True
        kind = base
    return False


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
            method = _names_of(base)[name]
            return lambda _walk, item: [] if _is_system_random(item) else [method(item)]
    read = CONTENTS.get(title)
    return None if read is None else lambda walk, item: read(walk, item, base)


def _is_system_random(item):
    return any(_title(base) == "random.SystemRandom" for base in _mro(type(item)))


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
    title = _title(item)
    if not _flags(item) & HEAP or title.split(".")[0] in NO_MODULES:
        return [title]
    return [title, type.__dict__["__bases__"].__get__(item)] + walk.space(_names_of(item), title)


def _loaded_module(walk, item):
    names = _dict_of(item)
    return [names.get("__name__")] + ([] if walk.is_loaded(item) else [_Space(names, "")])


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
    if base in _mro(type(owner)):
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
    read = _names_of(base)["get_state"]
    try:
        return [read(item, legacy=False)]
    except TypeError:  # NumPy before 1.17.
        return [read(item)]


def _variables(frame):
    """A frame's variables, leaving behind no reference to them."""
    code = frame.f_code
    if not code.co_flags & OPTIMIZED:
        return frame.f_locals if type(frame.f_locals) is dict else {}
    if sys.version_info >= (3, 13):
        return dict(frame.f_locals)
    names = frame.f_locals
    found = dict(names)
    names.clear()
    return found


def _pending(frame):
    """What a running function has not yet used or left, and keeps where nobody can look."""
    code, now, argument = frame.f_code, frame.f_lasti, 0
    for offset in range(0, max(now, 0), 2):
        operation = code.co_code[offset]
        argument = argument << 8 | code.co_code[offset + 1]
        if operation == opcode.EXTENDED_ARG:
            continue
        if operation in BLOCKS and now < offset + 4 + argument * JUMP:
            yield "%s around the phase" % BLOCKS[operation]
        argument = 0
    if any(start <= now < end and depth for start, end, depth in _protected(code)):
        yield "SETUP_WITH around the phase"


def _protected(code):
    """(start, end, depth of the stack) of each entry in a code's table of exceptions."""
    numbers, number = [], 0
    for byte in getattr(code, "co_exceptiontable", b""):
        number = number << 6 | byte & 63
        if not byte & 64:
            numbers.append(number)
            number = 0
    entries = zip(*[iter(numbers)] * 4)
    for start, length, _target, depth in entries:
        yield start * 2, (start + length) * 2, depth >> 1


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
    __name__ + "._Space": lambda walk, item: walk.space(item.names, item.title),
    __name__ + "._Pending": _read_pending,
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
