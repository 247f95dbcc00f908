"""The eight operators of Jia et al. (SANER 2022), Table II, each as one generator."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial

from parso.tree import BaseNode, Leaf, NodeOrLeaf

from trainwreck.model import OperatorCode
from trainwreck.operators.base import NUMBER, Change, Operator, changes_at

FAMILY = "table2"

ARITHMETIC = {"+": "-", "-": "+", "*": "/", "/": "*", "%": "/", "//": "/"}
BITWISE = {"&": "|", "|": "&", "^": "&", "<<": ">>", ">>": "<<"}
LOOSENING = ("and_expr", "xor_expr", "expr")
COMPARISON = {">": ">=", ">=": ">", "<": "<=", "<=": "<", "==": "!=", "!=": "=="}
ASSIGNMENT = {
    "+=": ("-=", "="),
    "-=": ("+=", "="),
    "*=": ("/=", "="),
    "/=": ("*=", "="),
}
BOOLEAN = {"True": "False", "False": "True"}


def parent_of(node: NodeOrLeaf) -> BaseNode:
    """Return the node around a leaf or an operator of two words; in a parsed file there is one."""
    assert node.parent is not None
    return node.parent


def swap(leaf: Leaf, table: Mapping[str, str], parents: tuple[str, ...]) -> Iterator[Change]:
    """Replace an operator token inside an expression of one of the given kinds.

    Args:
        leaf: The token.
        table: The replacement of each token.
        parents: The types of the nodes in which the token is an operator.

    """
    parent = parent_of(leaf)
    if parent.type in parents:
        yield Change(leaf.start_pos, leaf.end_pos, table[leaf.value], parent)


def change_arithmetic(leaf: Leaf) -> Iterator[Change]:
    """Replace binary operators, and the sign in front of an operand."""
    yield from swap(leaf, ARITHMETIC, ("arith_expr", "term", "factor"))


def change_bitwise(leaf: Leaf) -> Iterator[Change]:
    """Replace bitwise operators and shifts.

    ``&`` binds closer than ``^`` and that closer than ``|``, so that a change regroups its
    neighbours: the value of the whole bitwise expression may differ.
    """
    for change in swap(leaf, BITWISE, (*LOOSENING, "shift_expr")):
        node = change.node
        while node.type in LOOSENING and parent_of(node).type in LOOSENING:
            node = parent_of(node)
        yield replace(change, node=node)


def change_comparison(leaf: Leaf) -> Iterator[Change]:
    """Replace comparison operators, identity included."""
    parent = parent_of(leaf)
    if leaf.value != "is":
        yield from swap(leaf, COMPARISON, ("comparison",))
    elif parent.type == "comparison":
        yield Change(leaf.start_pos, leaf.end_pos, "is not", parent)
    elif parent.type == "comp_op":
        yield Change(parent.start_pos, parent.end_pos, "is", parent_of(parent))


def change_logical(leaf: Leaf) -> Iterator[Change]:
    """Swap ``and`` and ``or``; delete ``not`` with the blanks behind it."""
    parent = parent_of(leaf)
    if leaf.value != "not":
        other = {"and": "or", "or": "and"}
        yield from swap(leaf, other, ("and_test", "or_test"))
    elif parent.type == "not_test":
        operand = parent.children[1]
        blanks = operand.get_first_leaf().prefix
        joined = operand.start_pos if not blanks.strip(" \t") else leaf.end_pos
        if operand.get_first_leaf().value == "{":
            joined = leaf.end_pos
        yield Change(leaf.start_pos, joined, "", parent)


def change_assignment(leaf: Leaf) -> Iterator[Change]:
    """Turn augmented assignments into their opposite and into plain ones."""
    parent = parent_of(leaf)
    if parent.type == "annassign" or leaf.value not in ASSIGNMENT:
        return
    statement = parent if parent.type == "expr_stmt" else parent_of(parent)
    for replacement in ASSIGNMENT[leaf.value]:
        yield Change(leaf.start_pos, leaf.end_pos, replacement, statement.children[-1])


def change_membership(leaf: Leaf) -> Iterator[Change]:
    """Negate ``in`` and ``not in`` of a comparison; the ``in`` of a loop stays."""
    parent = parent_of(leaf)
    if leaf.value == "in" and parent.type == "comparison":
        yield Change(leaf.start_pos, leaf.end_pos, "not in", parent)
    elif parent.type == "comp_op" and parent.children[0] is leaf:
        yield Change(parent.start_pos, parent.end_pos, "in", parent_of(parent))


def change_boolean(leaf: Leaf) -> Iterator[Change]:
    """Replace boolean constants by their opposite."""
    yield Change(leaf.start_pos, leaf.end_pos, BOOLEAN[leaf.value], leaf)


def change_number(leaf: Leaf) -> Iterator[Change]:
    """Make n into n + 1; of an imaginary number, the imaginary part. Nothing where n + 1 is n.

    Nothing either where the number has more digits than Python will convert.
    """
    try:
        number = ast.literal_eval(leaf.value)
    except (SyntaxError, ValueError):
        return
    larger = number + 1j if isinstance(number, complex) else number + 1
    if larger != number:
        yield Change(leaf.start_pos, leaf.end_pos, number_text(larger), leaf)


def number_text(number: complex) -> str:
    """Return a literal of the number, hexadecimal where Python refuses the decimal as too long."""
    if isinstance(number, int) and number.bit_length() > 10_000:
        return hex(number)
    return repr(number)


OPERATORS = (
    Operator(
        OperatorCode.ArOR,
        FAMILY,
        "arithmetic operator replacement",
        (
            ("a + b - c", ("a - b - c", "a + b + c")),
            ("a * b / c", ("a / b / c", "a * b * c")),
            ("a % b // c", ("a / b // c", "a % b / c")),
            ("x[-1]", ("x[+1]",)),
            ("f(*a, **b)", ()),
            ("def f(a, /, *, b): pass", ()),
            ("from a import *", ()),
            ("a ** b", ()),
            ("f'{a + b:>{c * d}}'", ("f'{a - b:>{c * d}}'", "f'{a + b:>{c / d}}'")),
        ),
        partial(changes_at, tuple(ARITHMETIC), change_arithmetic),
    ),
    Operator(
        OperatorCode.BitOR,
        FAMILY,
        "bitwise operator replacement",
        (
            ("a & b | c", ("a | b | c", "a & b & c")),
            ("a ^ b", ("a & b",)),
            ("a << b >> c", ("a >> b >> c", "a << b << c")),
        ),
        partial(changes_at, tuple(BITWISE), change_bitwise),
    ),
    Operator(
        OperatorCode.ComOR,
        FAMILY,
        "comparison operator replacement",
        (
            ("a > b >= c", ("a >= b >= c", "a > b > c")),
            ("a < b <= c", ("a <= b <= c", "a < b < c")),
            ("a == b != c", ("a != b != c", "a == b == c")),
            ("a is None", ("a is not None",)),
            ("a is  not None", ("a is None",)),
            ("def f() -> int: pass", ()),
        ),
        partial(changes_at, (*COMPARISON, "is"), change_comparison),
    ),
    Operator(
        OperatorCode.LogOR,
        FAMILY,
        "logical operator replacement",
        (
            ("a and b or c", ("a or b or c", "a and b and c")),
            ("if not a: pass", ("if a: pass",)),
            ("not(a)", ("(a)",)),
            ("not not a", ("not a", "not a")),
            ("(not # why\n a)", ("( # why\n a)",)),
            ("f'{not {1}}'", ("f'{ {1}}'",)),
            ("a not in b", ()),
            ("a is not b", ()),
        ),
        partial(changes_at, ("and", "or", "not"), change_logical),
    ),
    Operator(
        OperatorCode.AsOR,
        FAMILY,
        "assignment operator replacement",
        (
            ("a += b", ("a -= b", "a = b")),
            ("a -= b", ("a += b", "a = b")),
            ("a.b[c] *= d", ("a.b[c] /= d", "a.b[c] = d")),
            ("a /= b", ("a *= b", "a = b")),
            ("a //= b", ()),
            ("a = b", ()),
        ),
        partial(changes_at, tuple(ASSIGNMENT), change_assignment),
    ),
    Operator(
        OperatorCode.MemOR,
        FAMILY,
        "membership operator replacement",
        (
            ("a in b", ("a not in b",)),
            ("a not in b", ("a in b",)),
            ("for a in b: pass", ()),
            ("[a for a in b if a in c]", ("[a for a in b if a not in c]",)),
            ("not a", ()),
            ("a is not b", ()),
        ),
        partial(changes_at, ("in", "not"), change_membership),
    ),
    Operator(
        OperatorCode.BVR,
        FAMILY,
        "boolean value replacement",
        (
            ("f(a=True)", ("f(a=False)",)),
            ("def f(a=False): pass", ("def f(a=True): pass",)),
            ("'True'", ()),
        ),
        partial(changes_at, tuple(BOOLEAN), change_boolean),
    ),
    Operator(
        OperatorCode.NVR,
        FAMILY,
        "numeric value replacement",
        (
            ("x[0]", ("x[1]",)),
            ("1e-3", ("1.001",)),
            (".1", ("1.1",)),
            ("0x10", ("17",)),
            ("1_000", ("1001",)),
            ("2j", ("3j",)),
            ("1e300", ()),
            ("-1", ("-2",)),
            ("'1'", ()),
        ),
        partial(changes_at, (NUMBER,), change_number),
    ),
)
"""Every operator, in the order of Table II."""
