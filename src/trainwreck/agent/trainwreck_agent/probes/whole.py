"""Evaluates a whole expression of a mutant from the values that its parts had in a clean run.

Built-in operators are applied to immutable built-ins alone. Every other operation, and a part that
the clean run has not evaluated, makes the value unknown.
"""

import ast
import warnings

from trainwreck_agent.probes.reevaluate import (
    BINARY,
    COMPARISONS,
    SIGNS,
    Unknown,
    apply_binary,
    is_plain,
    is_plain_truth,
    same,
    truth_of,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any

    from trainwreck_agent.protocol import Group

    Evaluation = Callable[["Parts"], Any]

OPERATORS = {
    "Add": "+", "Sub": "-", "Mult": "*", "Div": "/", "FloorDiv": "//", "Mod": "%",
    "BitAnd": "&", "BitOr": "|", "BitXor": "^", "LShift": "<<", "RShift": ">>",
    "UAdd": "+", "USub": "-", "Invert": "~", "Not": "not",
    "Lt": "<", "LtE": "<=", "Gt": ">", "GtE": ">=", "Eq": "==", "NotEq": "!=",
    "In": "in", "NotIn": "not in", "Is": "is", "IsNot": "is not",
}  # fmt: skip
LITERALS = ("Constant", "Num", "Str", "Bytes", "NameConstant")
SINGLE = (type(None), bool)
"""Types whose values exist once."""


class Parts:
    """The values of the parts of one evaluation, and which of them the mutant has used."""

    def __init__(self, values: "dict[int, Any]") -> None:
        self._values = values
        self._used: "set[int]" = set()

    def take(self, number: int) -> "Any":
        """Return the value of a part. Raises Unknown where the clean run did not evaluate it."""
        if number not in self._values:
            raise Unknown("a part was not evaluated")
        self._used.add(number)
        return self._values[number]

    def check_rest(self, pure: "Sequence[bool]") -> None:
        """Raise Unknown where the mutant leaves out an evaluation that may have an effect."""
        for number, value in self._values.items():
            if number not in self._used and not (pure[number] and is_plain(value)):
                raise Unknown("a part would not have been evaluated")


class Whole:
    """The whole expression of one mutant, over parts that are named ``_0``, ``_1``, ….

    Raises Unknown where the text holds anything but built-in operators, literals and parts.
    """

    def __init__(self, text: str, pure: "Sequence[bool]", truth: bool) -> None:
        # The new line ends a comment.
        tree = compile("(%s\n)" % text, "mutant", "eval", ast.PyCF_ONLY_AST, dont_inherit=True)
        node: "Any" = tree.body  # type: ignore[attr-defined]
        self._evaluate = _evaluation(node)
        self._is_made = _is_made(node)
        self._pure = pure
        self._truth = truth

    def gives(self, value: "Any", values: "dict[int, Any]") -> bool:
        """Return whether the mutant would have had ``value`` as well, with the same effects.

        An operand that is chosen as the value must be the same object. Raises Unknown, or what an
        operation raises, where that cannot be known.
        """
        parts = Parts(values)
        other = self._evaluate(parts)
        parts.check_rest(self._pure)
        if self._truth and is_plain_truth(value) and is_plain_truth(other):
            return bool(value) == bool(other)
        return other is value or (self._is_made and same(value, other))


def wholes_of(groups: "Sequence[Group]") -> "list[dict[str, Whole | None]]":
    """Return the whole expressions of each group by mutant; None where one is none of ours."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return [_wholes_of(group) if group["kind"] == "whole" else {} for group in groups]


def _wholes_of(group: "Group") -> "dict[str, Whole | None]":
    found: "dict[str, Whole | None]" = {}
    for mutant, (text,) in group["mutants"].items():
        try:
            found[mutant] = Whole(text, group["pure"], group["truth"])
        except Exception:
            found[mutant] = None
    return found


def _is_made(node: "Any") -> bool:
    """Return whether an operation makes its value, rather than choosing an operand."""
    return type(node).__name__ in ("BinOp", "UnaryOp", "Compare")


def _evaluation(node: "Any") -> "Evaluation":
    """Return a function that evaluates a node of the syntax tree."""
    kind = type(node).__name__
    if kind in LITERALS:
        return _literal(node)
    if kind not in EVALUATIONS:
        raise Unknown(kind)
    return EVALUATIONS[kind](node)


def _literal(node: "Any") -> "Evaluation":
    value = ast.literal_eval(node)
    if not is_plain(value):
        raise Unknown("no plain literal")
    return lambda _parts: value


def _part(node: "Any") -> "Evaluation":
    if node.id[:1] != "_" or not node.id[1:].isdigit():
        raise Unknown("no part")
    number = int(node.id[1:])
    return lambda parts: parts.take(number)


def _binary(node: "Any") -> "Evaluation":
    name = OPERATORS.get(type(node.op).__name__, "")
    if name not in BINARY:
        raise Unknown("no operator of ours")
    left, right = _evaluation(node.left), _evaluation(node.right)
    return lambda parts: apply_binary(name, left(parts), right(parts))


def _unary(node: "Any") -> "Evaluation":
    name = OPERATORS[type(node.op).__name__]
    operand = _evaluation(node.operand)
    if name == "not":
        return lambda parts: not truth_of(operand(parts))
    return lambda parts: _signed(name, operand(parts))


def _signed(name: str, value: "Any") -> "Any":
    # `~True` warns.
    if not is_plain(value) or (name == "~" and type(value) is bool):
        raise Unknown("not an immutable built-in")
    return SIGNS[name](value)


def _choice(node: "Any") -> "Evaluation":
    operands = [_evaluation(value) for value in node.values]
    stops = type(node.op).__name__ == "Or"

    def choose(parts: "Parts") -> "Any":
        for operand in operands[:-1]:
            value = operand(parts)
            if truth_of(value) == stops:
                return value
        return operands[-1](parts)

    return choose


def _conditional(node: "Any") -> "Evaluation":
    test, body, other = map(_evaluation, (node.test, node.body, node.orelse))
    return lambda parts: body(parts) if truth_of(test(parts)) else other(parts)


def _comparison(node: "Any") -> "Evaluation":
    names = [OPERATORS[type(operator).__name__] for operator in node.ops]
    operands = [_operand(side, "is" in name) for side, name in zip(node.comparators, names)]
    first = _operand(node.left, "is" in names[0])

    def compare(parts: "Parts") -> "Any":
        left, value = first(parts), True
        for name, operand in zip(names, operands):
            right = operand(parts)
            value = _compared(name, left, right)
            if not value:
                break
            left = right
        return value

    return compare


def _operand(node: "Any", by_identity: bool) -> "Evaluation":
    """Return the evaluation of one side of a comparison; a display is one of literals."""
    if type(node).__name__ in ("Tuple", "List", "Set"):
        values = tuple(ast.literal_eval(element) for element in node.elts)
        if not is_plain(values) or by_identity:
            raise Unknown("no display of plain literals")
        return lambda _parts: values
    is_single = type(node).__name__ not in LITERALS or type(ast.literal_eval(node)) in SINGLE
    if by_identity and (_is_made(node) or not is_single):
        raise Unknown("an object of its own")
    return _evaluation(node)


def _compared(name: str, left: "Any", right: "Any") -> "Any":
    if name in ("is", "is not"):
        return (left is right) == (name == "is")
    if not (is_plain(left) and is_plain(right)):
        raise Unknown("not an immutable built-in")
    if bytes in (type(left), type(right)) and type(left) is not type(right):
        raise Unknown("may warn")
    return COMPARISONS[name](left, right)


def _item(node: "Any") -> "Evaluation":
    # Before Python 3.9 the index is in a node of its own.
    index = node.slice.value if type(node.slice).__name__ == "Index" else node.slice
    owner, key = _evaluation(node.value), _evaluation(index)
    return lambda parts: _item_of(owner(parts), key(parts))


def _item_of(owner: "Any", key: "Any") -> "Any":
    if type(owner) not in (tuple, str, bytes) or type(key) not in (int, bool):
        raise Unknown("no item of an immutable built-in")
    return owner[key]


EVALUATIONS: "dict[str, Callable[[Any], Evaluation]]" = {
    "Name": _part,
    "BinOp": _binary,
    "UnaryOp": _unary,
    "BoolOp": _choice,
    "IfExp": _conditional,
    "Compare": _comparison,
    "Subscript": _item,
}
