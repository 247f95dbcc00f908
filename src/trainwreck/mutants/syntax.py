"""Facts about a node of a syntax tree: its statement, function, context and effects."""

import re

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import MODULE_LEVEL, Context

LAZY_SINCE = (3, 14)
"""Annotations are evaluated when they are asked for (PEP 649)."""
FUTURE = re.compile(r"from\s+__future__\s+import\b[^;#]*\bannotations\b")
TYPE_PARAMETERS = ("type_param_bound", "type_param_default")
COMPOUND = frozenset(
    ["if_stmt", "while_stmt", "for_stmt", "with_stmt", "try_stmt", "funcdef", "classdef"]
)
CONDITIONS = {"if": Context.IF, "elif": Context.IF, "while": Context.WHILE}
CONTEXT_BY_PARENT = {
    "assert_stmt": Context.ASSERT,
    "comp_if": Context.COMPREHENSION,
    "decorator": Context.DECORATOR,
    "tfpdef": Context.ANNOTATION,
    "arglist": Context.ARGUMENT,
    "subscript": Context.SUBSCRIPT,
    "subscriptlist": Context.SUBSCRIPT,
    "sliceop": Context.SUBSCRIPT,
    "testlist_comp": Context.ELEMENT,
    "dictorsetmaker": Context.ELEMENT,
    "exprlist": Context.ITERABLE,
    "sync_comp_for": Context.ITERABLE,
    "comp_for": Context.ITERABLE,
    "fstring_expr": Context.FORMATTED,
    "fstring_format_spec": Context.FORMATTED,
    "lambdef": Context.LAMBDA,
    "return_stmt": Context.RETURN,
    "raise_stmt": Context.RAISE,
    "yield_expr": Context.YIELD,
    "yield_arg": Context.YIELD,
    "with_item": Context.RESOURCE,
    "with_stmt": Context.RESOURCE,
    "for_stmt": Context.ITERABLE,
    "del_stmt": Context.TARGET,
    "classdef": Context.ARGUMENT,
}


def statement_of(node: NodeOrLeaf) -> tuple[NodeOrLeaf, NodeOrLeaf]:
    """Return the first and last node of the simple statement, or compound header, around a node."""
    while (parent := node.parent) is not None:
        if parent.type in COMPOUND:
            return _header(parent, node)
        if parent.type in ("simple_stmt", "suite", "file_input", "decorated", "decorators"):
            break
        node = parent
    if isinstance(node, BaseNode) and node.type == "decorator":
        return node, node.children[-2]
    return node, node


def _header(compound: BaseNode, part: NodeOrLeaf) -> tuple[NodeOrLeaf, NodeOrLeaf]:
    """Return the keyword before ``part``, which begins its header, and the colon that ends it."""
    children = compound.children
    index = children.index(part)
    first = last = index
    while first > 0 and not _ends_header(children[first - 1]):
        first -= 1
    while last < len(children) - 1 and not _is_colon(children[last]):
        last += 1
    return children[first], children[last]


def _is_colon(node: NodeOrLeaf) -> bool:
    return getattr(node, "value", None) == ":"


def _ends_header(node: NodeOrLeaf) -> bool:
    return _is_colon(node) or node.type in ("suite", "simple_stmt")


def function_of(node: NodeOrLeaf) -> str:
    """Return the qualified name (``__qualname__``) of the function or class around ``node``."""
    names: list[str] = []
    current = node.parent
    while current is not None:
        if current.type in ("funcdef", "classdef"):
            if names and current.type == "funcdef":
                names.append("<locals>")
            names.append(current.children[1].value)
        current = current.parent
    return ".".join(reversed(names)) if names else MODULE_LEVEL


def context_of(node: NodeOrLeaf, lazy: bool = False) -> Context:
    """Return the nearest construct around ``node`` that uses its value.

    Inside an annotation or a default of a parameter it is that one, however deep.

    Args:
        node: The edited node.
        lazy: Annotations are not evaluated in this file.

    """
    nearest: Context | None = None
    while (parent := node.parent) is not None:
        if _is_annotation(parent, node):
            is_deferred = lazy or parent.type in TYPE_PARAMETERS or _is_local(parent)
            return Context.DEFERRED if is_deferred else Context.ANNOTATION
        context = _context_in(parent, node)
        if context is Context.DEFAULT:
            return Context.DEFAULT if nearest is None else Context.DEFAULT_PART
        nearest = nearest or context
        if parent.type in ("simple_stmt", "suite", "file_input", "lambdef"):
            break
        node = parent
    return nearest or Context.STATEMENT


def _is_annotation(parent: BaseNode, node: NodeOrLeaf) -> bool:
    """Return whether ``parent`` reads its child ``node`` as an annotation, or as a bound."""
    if parent.type in TYPE_PARAMETERS:
        return True
    before = parent.children[parent.children.index(node) - 1]
    if parent.type in ("tfpdef", "annassign"):
        return is_operator(before, ":")
    return parent.type == "funcdef" and is_operator(before, "->")


def _is_local(annotation: BaseNode) -> bool:
    """Return whether an annotated assignment lies in a function, where nothing evaluates it."""
    scope: BaseNode | None = annotation
    while scope is not None and scope.type not in ("funcdef", "classdef"):
        scope = scope.parent
    return annotation.type == "annassign" and scope is not None and scope.type == "funcdef"


def has_lazy_annotations(module: BaseNode, version: tuple[int, int]) -> bool:
    """Return whether nothing evaluates annotations: since Python 3.14, or by PEP 563."""
    return version >= LAZY_SINCE or any(
        FUTURE.match(code_of(statement)) is not None for statement in module.children
    )


def _context_in(parent: BaseNode, node: NodeOrLeaf) -> Context | None:
    """Return the context that ``parent`` gives its child ``node``; None where an outer one does."""
    children = parent.children
    index = children.index(node)
    before = getattr(children[index - 1], "value", "") if index else ""
    match parent.type:
        case "if_stmt" | "while_stmt":
            return CONDITIONS.get(before)
        case "test":
            return Context.CONDITIONAL if before == "if" else None
        case "param":
            return Context.DEFAULT if before == "=" else Context.ANNOTATION
        case "argument":
            return Context.KEYWORD if before == "=" else Context.ARGUMENT
        case "trailer":
            return Context.SUBSCRIPT if before == "[" else Context.ARGUMENT
        case "annassign":
            return Context.ASSIGNED if before == "=" else Context.ANNOTATION
        case "funcdef":
            return Context.ANNOTATION if before == "->" else None
        case "expr_stmt":
            return _assigned_context(parent, index)
        case "atom":
            return Context.ELEMENT if before in ("[", "{") else None
    return CONTEXT_BY_PARENT.get(parent.type)


def _assigned_context(statement: BaseNode, index: int) -> Context:
    """Return the context of child ``index`` of an assignment: targets have even numbers."""
    operator = getattr(statement.children[1], "value", "=")
    if index != len(statement.children) - 1:
        return Context.TARGET if index % 2 == 0 else Context.AUGMENTED
    return Context.ASSIGNED if operator == "=" else Context.AUGMENTED


def can_be_counted(node: NodeOrLeaf, context: Context) -> bool:
    """Return whether a counting call may stand around ``node`` without any other effect.

    Of annotations that are not evaluated the program sees the text, and ``f"{x=}"`` shows that of
    its expression.
    """
    if context is Context.DEFERRED:
        return False
    current: NodeOrLeaf | None = node
    while current is not None and current.type != "fstring_expr":
        current = current.parent
    if isinstance(current, BaseNode):
        return all(getattr(child, "value", "") != "=" for child in current.children)
    return True


def is_truth(node: NodeOrLeaf) -> bool:
    """Return whether only the truth of the value of ``node`` matters, as in a condition."""
    while (parent := node.parent) is not None:
        if parent.type == "not_test":
            return True
        in_parentheses = parent.type == "atom" and is_operator(parent.children[0], "(")
        if parent.type not in ("and_test", "or_test") and not in_parentheses:
            break
        node = parent
    if parent is None:
        return False
    index = parent.children.index(node)
    before = getattr(parent.children[index - 1], "value", "") if index else ""
    match parent.type:
        case "if_stmt" | "while_stmt":
            return before in CONDITIONS
        case "test" | "comp_if":
            return before == "if"
        case "assert_stmt":
            return before == "assert"
    return False


def is_pure(node: NodeOrLeaf) -> bool:
    """Return whether evaluating ``node`` has no effect: names, constants, and their identity."""
    if node.type in ("name", "number", "string"):
        return True
    if node.type == "keyword":
        return getattr(node, "value", "") in ("True", "False", "None")
    if not isinstance(node, BaseNode):
        return False
    if node.type == "atom":
        return (
            len(node.children) == 3
            and is_operator(node.children[0], "(")
            and is_pure(node.children[1])
        )
    if node.type == "comparison":
        identities = all(text in ("is", "is not") for text in operators_of(node))
        return identities and all(map(is_pure, node.children[::2]))
    return False


def default_around(node: NodeOrLeaf) -> NodeOrLeaf | None:
    """Return the default of a parameter that ``node`` is or lies in, None elsewhere."""
    while (parent := node.parent) is not None:
        if parent.type == "param":
            return node if getattr(parent, "default", None) is node else None
        node = parent
    return None


def is_constant(node: NodeOrLeaf) -> bool:
    """Return whether a node consists of literals and signs alone."""
    if isinstance(node, BaseNode):
        can_be_constant = node.type in ("factor", "atom", "testlist_comp")
        return can_be_constant and all(is_constant(c) or is_punctuation(c) for c in node.children)
    return node.type in ("number", "string") or (is_pure(node) and node.type == "keyword")


def is_punctuation(node: NodeOrLeaf) -> bool:
    """Return whether a node is a bracket, a comma or a sign."""
    return node.type == "operator" and getattr(node, "value", "") in "()[],+-"


def is_operator(node: NodeOrLeaf, text: str) -> bool:
    """Return whether a node is the operator ``text``."""
    return node.type == "operator" and getattr(node, "value", "") == text


def operators_of(node: BaseNode) -> list[str]:
    """Return the operators between the operands of a flat node, with single spaces inside."""
    return [" ".join(words_of(part)) for part in node.children[1::2]]


def words_of(node: NodeOrLeaf) -> list[str]:
    """Return the words of an operator, without the blanks between them."""
    return code_of(node).split()


def leaf_at(module: BaseNode, position: tuple[int, int]) -> NodeOrLeaf | None:
    """Return the leaf that begins at a position; None where none does.

    Where one leaf ends and another begins, parso returns the one that ends.
    """
    leaf: NodeOrLeaf | None = module.get_leaf_for_position(position)  # type: ignore[no-untyped-call]
    if leaf is not None and leaf.start_pos != position:
        leaf = leaf.get_next_leaf()  # type: ignore[no-untyped-call]
    return leaf if leaf is not None and leaf.start_pos == position else None


def is_in_function(node: NodeOrLeaf) -> bool:
    """Return whether a node runs when a function is called; its defaults do not."""
    while (parent := node.parent) is not None:
        is_body = node is parent.children[-1]
        if parent.type in ("funcdef", "lambdef", "lambdef_nocond") and is_body:
            return True
        node = parent
    return False


def code_of(node: NodeOrLeaf) -> str:
    """Return the text of a node without the blanks and comments before it."""
    text: str = node.get_code(include_prefix=False)  # type: ignore[no-untyped-call]
    return text
