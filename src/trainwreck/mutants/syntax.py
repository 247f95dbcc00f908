"""What the syntax tree says about a place: its function, its statement, its context."""

from parso.tree import BaseNode, NodeOrLeaf

from trainwreck.model import MODULE_LEVEL, Context

COMPOUND = frozenset(
    ["if_stmt", "while_stmt", "for_stmt", "with_stmt", "try_stmt", "funcdef", "classdef"]
)
CONDITIONS = {"if": Context.IF, "elif": Context.IF, "while": Context.WHILE}
BY_PARENT = {
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
    """First and last node of the enclosing simple statement, or of a compound one's header."""
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
    """From the keyword before ``part`` to the colon after it."""
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
    """The qualified name of the function or class around ``node``, as in ``__qualname__``."""
    names: list[str] = []
    inside_function = False
    current = node.parent
    while current is not None:
        if current.type in ("funcdef", "classdef"):
            if names and current.type == "funcdef":
                names.append("<locals>")
            names.append(current.children[1].value)
            inside_function = True
        current = current.parent
    return ".".join(reversed(names)) if inside_function else MODULE_LEVEL


def context_of(node: NodeOrLeaf) -> Context:
    """The nearest construct around ``node`` that tells what its value is for."""
    while (parent := node.parent) is not None:
        context = _context_in(parent, node)
        if context is not None:
            return context
        if parent.type in ("simple_stmt", "suite", "file_input"):
            break
        node = parent
    return Context.STATEMENT


def _context_in(parent: BaseNode, node: NodeOrLeaf) -> Context | None:
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
    return BY_PARENT.get(parent.type)


def _assigned_context(statement: BaseNode, index: int) -> Context:
    operator = getattr(statement.children[1], "value", "=")
    if index != len(statement.children) - 1:
        return Context.TARGET if index % 2 == 0 else Context.AUGMENTED
    return Context.ASSIGNED if operator == "=" else Context.AUGMENTED


def can_be_counted(node: NodeOrLeaf, context: Context) -> bool:
    """Whether a call may be evaluated before ``node``, in place, without any other effect."""
    if context is Context.ANNOTATION:
        return False
    current: NodeOrLeaf | None = node
    while current is not None and current.type != "fstring_expr":
        current = current.parent
    if isinstance(current, BaseNode):
        return all(getattr(child, "value", "") != "=" for child in current.children)
    return True


def is_truth(node: NodeOrLeaf) -> bool:
    """Whether only the truth of the value of ``node`` matters: it is (part of) a condition."""
    while (parent := node.parent) is not None:
        if parent.type == "not_test":
            return True
        inside = parent.type == "atom" and is_operator(parent.children[0], "(")
        if parent.type not in ("and_test", "or_test") and not inside:
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
    """Whether evaluating ``node`` has no effect: names, constants, and their identity."""
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


def is_constant(node: NodeOrLeaf) -> bool:
    """Whether a node is made of literals and signs alone."""
    if isinstance(node, BaseNode):
        made = node.type in ("factor", "atom", "testlist_comp")
        return made and all(is_constant(c) or is_punctuation(c) for c in node.children)
    return node.type in ("number", "string") or (is_pure(node) and node.type == "keyword")


def is_punctuation(node: NodeOrLeaf) -> bool:
    """Brackets, commas and signs."""
    return node.type == "operator" and getattr(node, "value", "") in "()[],+-"


def is_operator(node: NodeOrLeaf, text: str) -> bool:
    """Whether a node is this very token."""
    return node.type == "operator" and getattr(node, "value", "") == text


def operators_of(node: BaseNode) -> list[str]:
    """The texts of the operators between the operands of a flat node, in one form."""
    return [" ".join(code_of(part).split()) for part in node.children[1::2]]


def code_of(node: NodeOrLeaf) -> str:
    """The text of a node without what stands before it."""
    text: str = node.get_code(include_prefix=False)  # type: ignore[no-untyped-call]
    return text
