"""Finds constants that a module gives one of its names, and the places that read the name."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import MODULE_LEVEL, Mutant, OperatorCode
from trainwreck.mutants.syntax import code_of, is_operator
from trainwreck.mutants.whole import is_target
from trainwreck.source import LineIndex

BUILTINS = frozenset(["globals", "locals", "vars", "dir", "eval", "exec", "execfile", "compile"])
NAMESPACES = frozenset(["__dict__", "__globals__", "__builtins__", "f_globals", "f_locals"])
REFLECTION = BUILTINS | NAMESPACES | {"f_back", "_getframe", "currentframe", "gc", "ctypes"}
"""Names with which a file may read its own names unseen."""
DISPLAYS = frozenset(
    ["atom", "testlist_comp", "dictorsetmaker", "testlist_star_expr", "testlist", "strings"]
)
PUNCTUATION = frozenset("()[]{},:")
SIGNS = ("+", "-")
IMPORTS = ("import_name", "import_from")
UNPROBED = (*IMPORTS, "decorator", "except_clause", "annassign", "tfpdef", "error_node")
"""Constructs in which no call can be put around a name, or which bind it."""


@dataclass(frozen=True, slots=True)
class NamedConstant:
    """A constant that a module gives one name.

    ``value`` is its span. ``reads`` are the spans of all places of the file that may read the name.
    """

    name: str
    value: tuple[int, int]
    reads: tuple[tuple[int, int], ...]


class NamedConstants:
    """The constants of one file whose readers can be watched.

    Raises nothing: a file that is not understood completely has none.
    """

    def __init__(self, source: str, module: BaseNode, index: LineIndex) -> None:
        self._source = source
        self._module = module
        self._index = index
        self._found: dict[str, NamedConstant | None] = {}

    def changed_by(self, mutant: Mutant, leaf: NodeOrLeaf) -> NamedConstant | None:
        """Return the constant that a mutant changes into another one; None where it is none."""
        if mutant.function != MODULE_LEVEL or not _gives_a_constant(mutant, leaf):
            return None
        statement = _assignment_around(leaf)
        if statement is None:
            return None
        target, _, value = statement.children
        name = _name_of(target)
        is_special = name.startswith("__") and name.endswith("__")
        if is_special or not _is_constant(value) or not self._is_understood:
            return None
        if name not in self._found:
            reads = self._reads(name, target)
            span = self._span(value)
            self._found[name] = None if reads is None else NamedConstant(name, span, reads)
        return self._found[name]

    @cached_property
    def _is_understood(self) -> bool:
        """Return whether the file is as the tree has it, and has no way to read names unseen."""
        if code_of_module(self._module) != self._source:
            return False  # The tree has older syntax in place of newer one.
        return not any(
            name in REFLECTION or _is_error(leaf) or _is_hook_or_star(leaf)
            for leaf, name in self._leaves
        )

    @cached_property
    def _leaves(self) -> list[tuple[NodeOrLeaf, str]]:
        """Return all leaves with the names that they are, as Python normalises names."""
        return [(leaf, _name_of(leaf)) for leaf in _leaves_of(self._module)]

    @cached_property
    def _texts(self) -> list[str]:
        """Return the literal texts of the file, without those that are statements."""
        return [
            code_of(leaf)
            for leaf, _ in self._leaves
            if leaf.type in ("string", "fstring_string")
            and not (leaf.parent is not None and leaf.parent.type == "simple_stmt")
        ]

    def _reads(self, name: str, target: NodeOrLeaf) -> tuple[tuple[int, int], ...] | None:
        """Return the spans that read a name; None where some place cannot be watched."""
        # An annotation may be a text, which somebody evaluates.
        if any(name in text for text in self._texts):
            return None
        reads = []
        for leaf, own in self._leaves:
            if own != name or leaf is target or _means_another(leaf):
                continue
            if _binds(leaf) or _cannot_be_probed(leaf):
                return None
            reads.append(self._span(leaf))
        return tuple(reads)

    def _span(self, node: NodeOrLeaf) -> tuple[int, int]:
        return self._index.offset(node.start_pos), self._index.offset(node.end_pos)


def code_of_module(module: BaseNode) -> str:
    """Return the text of a whole tree."""
    text: str = module.get_code()  # type: ignore[no-untyped-call]
    return text


def _gives_a_constant(mutant: Mutant, leaf: NodeOrLeaf) -> bool:
    """Return whether a mutant puts a constant in place of one, or a sign in place of a sign."""
    if len(mutant.edits) != 1:
        return False
    if mutant.operator in (OperatorCode.NVR, OperatorCode.BVR):
        return True
    is_sign = leaf.parent is not None and leaf.parent.type == "factor"
    return mutant.operator == OperatorCode.ArOR and is_sign and mutant.replacement in SIGNS


def _assignment_around(leaf: NodeOrLeaf) -> BaseNode | None:
    """Return the assignment ``name = value`` around a leaf of its value; None where it is none."""
    node = leaf
    while (parent := node.parent) is not None and parent.type != "expr_stmt":
        if parent.type not in (*DISPLAYS, "factor"):
            return None
        node = parent
    if parent is None or len(parent.children) != 3 or node is not parent.children[2]:
        return None
    target, sign, _ = parent.children
    is_plain = target.type == "name" and is_operator(sign, "=")
    return parent if is_plain and isinstance(parent, BaseNode) else None


def _is_constant(node: NodeOrLeaf) -> bool:
    """Return whether a node consists of literals, and of tuples, lists, sets and dicts of them."""
    if isinstance(node, BaseNode):
        if node.type == "factor":
            sign, number = node.children
            return code_of(sign) in SIGNS and number.type == "number"
        return node.type in DISPLAYS and all(map(_is_constant, node.children))
    if node.type == "keyword":
        return code_of(node) in ("True", "False", "None")
    is_punctuation = node.type == "operator" and code_of(node) in PUNCTUATION
    return is_punctuation or node.type in ("number", "string")


def _leaves_of(module: BaseNode) -> Iterator[NodeOrLeaf]:
    leaf: NodeOrLeaf | None = module.get_first_leaf()  # type: ignore[no-untyped-call]
    while leaf is not None:
        yield leaf
        leaf = leaf.get_next_leaf()  # type: ignore[no-untyped-call]


def _name_of(leaf: NodeOrLeaf) -> str:
    """Return the name that a leaf is, as Python normalises it (PEP 3131); empty if it is none."""
    return unicodedata.normalize("NFKC", code_of(leaf)) if leaf.type == "name" else ""


def _is_error(leaf: NodeOrLeaf) -> bool:
    """Return whether the parser did not understand the text at a leaf."""
    parent = leaf.parent
    return leaf.type == "error_leaf" or (parent is not None and parent.type == "error_node")


def _is_hook_or_star(leaf: NodeOrLeaf) -> bool:
    """Return whether a leaf imports names that are not known, or defines a module's attributes."""
    parent = leaf.parent
    if parent is None:
        return False
    is_star = parent.type == "import_from" and is_operator(leaf, "*")
    return is_star or (parent.type == "funcdef" and _name_of(leaf) in ("__getattr__", "__dir__"))


def _means_another(leaf: NodeOrLeaf) -> bool:
    """Return whether a name is that of an attribute or keyword argument, or only declared."""
    parent = leaf.parent
    if parent is None:
        return False
    match parent.type:
        case "trailer":
            return is_operator(parent.children[0], ".")
        case "argument":
            return leaf is parent.children[0] and is_operator(parent.children[1], "=")
        case "global_stmt" | "nonlocal_stmt":
            return True
    return False


def _binds(leaf: NodeOrLeaf) -> bool:
    """Return whether a name is given another value here, or deleted."""
    is_definition = getattr(leaf, "is_definition", None)
    return is_target(leaf) or is_definition is None or bool(is_definition())


def _cannot_be_probed(leaf: NodeOrLeaf) -> bool:
    """Return whether no call can be put around a name, or its text may be read."""
    node: NodeOrLeaf = leaf
    while (parent := node.parent) is not None:
        before = parent.children[parent.children.index(node) - 1]
        is_shown = parent.type == "fstring_expr" and any(
            is_operator(child, "=") for child in parent.children
        )
        is_returned = parent.type == "funcdef" and is_operator(before, "->")
        if parent.type in UNPROBED or is_shown or is_returned:
            return True
        node = parent
    return False
