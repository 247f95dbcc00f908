"""Answers where to count that the changed code of a file runs, as the interpreter parses it.

Input: one JSON object per line, {"path", "encoding", "sha256", "mutants": [[[start, end,
replacement], …]]} with the edits of one bug, as offsets into the decoded text. Output: one line
each, {"path", "counted": [tree paths], "lines": [the line of each], "function": qualified name of
the first one's function} or {"path", "error": why the changed file does not compile}.

A tree path leads through the fields of the changed text's syntax tree: `body.3.value.args.0`. One
that ends in a list of statements stands for the place before that statement, also behind the last
one; any other for the expression there. Where statements were deleted, the place is the one that
they had. A new function counts where its body begins.
"""

import ast
import copy
import difflib
import hashlib
import json
import sys
import warnings

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
DEFINITIONS = FUNCTIONS + (ast.ClassDef,)
BLOCKS = ("body", "orelse", "finalbody")
REFUSALS = (SyntaxError, ValueError, OverflowError, RecursionError, MemoryError)
NEVER_ALONE = ("Slice", "ExtSlice", "Index", "Starred")
"""Expressions that are none in every place."""


def shape(node: "Any") -> str:
    """Return a text that is equal for equal code, wherever it stands."""
    return ast.dump(node) if isinstance(node, ast.AST) else repr(node)


def kind(statement: ast.stmt) -> "tuple[str, str]":
    """Return type and name: a statement is compared with the one of its kind."""
    name = getattr(statement, "name", "") if isinstance(statement, DEFINITIONS) else ""
    return type(statement).__name__, name


def matched(
    before: "Sequence[Any]", after: "Sequence[Any]"
) -> "Iterable[tuple[str, int, int, int, int]]":
    """Return how one list becomes another one, as ``difflib`` describes it."""
    return difflib.SequenceMatcher(None, before, after, False).get_opcodes()


class Changes:
    """The changes between two syntax trees; ``counted`` are the places to count."""

    def __init__(self, is_lazy: bool) -> None:
        self.counted: "list[str]" = []
        self._is_lazy = is_lazy

    def statements(self, clean: "list[ast.stmt]", buggy: "list[ast.stmt]", path: str) -> None:
        """Compare two lists of statements."""
        for what, i, i_end, j, j_end in matched(
            [shape(element) for element in clean], [shape(element) for element in buggy]
        ):
            if what != "equal":
                self._replaced(clean[i:i_end], buggy, (j, j_end), path)

    def _replaced(
        self,
        clean: "list[ast.stmt]",
        buggy: "list[ast.stmt]",
        window: "tuple[int, int]",
        path: str,
    ) -> None:
        """Compare statements that differ with those of their kind that stand there now."""
        start, end = window
        kinds = (
            [kind(statement) for statement in clean],
            [kind(statement) for statement in buggy[start:end]],
        )
        for what, i, i_end, j, j_end in matched(*kinds):
            if what == "equal":
                for number in range(i_end - i):
                    position = start + j + number
                    self._statement(clean[i + number], buggy[position], path, position)
            elif what == "delete":
                self._before(path, start + j)
            else:
                self._new(buggy, range(start + j, start + j_end), path)

    def _new(self, buggy: "list[ast.stmt]", positions: "Iterable[int]", path: str) -> None:
        """Count new statements that stand together once, and functions where they are called."""
        is_counted = False
        for position in positions:
            statement = buggy[position]
            if isinstance(statement, FUNCTIONS) and is_plain(statement):
                self._before("%s.%d.body" % (path, position), 0)
            elif not is_counted:
                self._before(path, position)
                is_counted = True

    def _before(self, path: str, position: int) -> None:
        self.counted.append("%s.%d" % (path, position))

    def _statement(self, clean: "Any", buggy: "Any", path: str, position: int) -> None:
        """Compare two statements of one kind."""
        own = "%s.%d" % (path, position)
        if position == 0 and is_docstring(buggy):
            self._before(path, 1)
            return
        if isinstance(buggy, FUNCTIONS) and names_of(clean.args) != names_of(buggy.args):
            self._before(own + ".body", 0)
        elif not self._header(clean, buggy, own):
            self._before(path, position)
        for field in BLOCKS:
            if isinstance(getattr(buggy, field, None), list):
                self.statements(getattr(clean, field), getattr(buggy, field), own + "." + field)
        if not self._parts(clean, buggy, own):
            self._before(path, position)

    def _header(self, clean: "Any", buggy: "Any", path: str) -> bool:
        """Count what differs besides the blocks; return false where the statement must count."""
        fields = [name for name in buggy._fields if name not in BLOCKS + ("handlers", "cases")]
        if self._is_lazy:
            clean, buggy = without_annotations(clean), without_annotations(buggy)
        return self._fields(clean, buggy, path, fields)

    def _parts(self, clean: "Any", buggy: "Any", path: str) -> bool:
        """Compare handlers and cases; return false where their number or form differs."""
        for field in ("handlers", "cases"):
            befores, afters = getattr(clean, field, []), getattr(buggy, field, [])
            if len(befores) != len(afters):
                return False
            for number, (before, after) in enumerate(zip(befores, afters)):
                if not self._part(before, after, "%s.%s.%d" % (path, field, number)):
                    return False
        return True

    def _part(self, clean: "Any", buggy: "Any", path: str) -> bool:
        if shape(getattr(clean, "pattern", None)) != shape(getattr(buggy, "pattern", None)):
            return False
        if getattr(clean, "name", None) != getattr(buggy, "name", None):
            self._before(path + ".body", 0)
        fields = [name for name in ("type", "guard") if hasattr(buggy, name)]
        self.statements(clean.body, buggy.body, path + ".body")
        return self._fields(clean, buggy, path, fields)

    def _fields(self, clean: "Any", buggy: "Any", path: str, fields: "Iterable[str]") -> bool:
        """Count the expressions below a node that differ; return false where it must count."""
        before = len(self.counted)
        for field in fields:
            old, new = getattr(clean, field, None), getattr(buggy, field, None)
            if shape_of(old) == shape_of(new):
                continue
            if not self._field(old, new, "%s.%s" % (path, field), is_text(buggy, field)):
                del self.counted[before:]
                return False
        return True

    def _field(self, old: "Any", new: "Any", path: str, only_inside: bool) -> bool:
        if path.endswith((".annotation", ".returns", ".format_spec", ".type_params")):
            return False
        if isinstance(new, list):
            if not isinstance(old, list) or len(old) != len(new):
                return False
            return all(
                shape(before) == shape(after)
                or self._node(before, after, "%s.%d" % (path, number), only_inside)
                for number, (before, after) in enumerate(zip(old, new))
            )
        return self._node(old, new, path, only_inside)

    def _node(self, clean: "Any", buggy: "Any", path: str, only_inside: bool) -> bool:
        """Count the smallest expressions that differ; return false where there is none."""
        if not isinstance(buggy, ast.AST):
            return False
        if type(clean) is type(buggy) and self._fields(clean, buggy, path, buggy._fields):
            return True
        if only_inside or not can_be_wrapped(buggy):
            return False
        self.counted.append(path)
        return True


def shape_of(value: "Any") -> "Any":
    """Return the shape of a field."""
    return [shape(element) for element in value] if isinstance(value, list) else shape(value)


def is_docstring(statement: "Any") -> bool:
    """Return whether a statement is a text alone, which must stay one."""
    value = getattr(statement, "value", None)
    is_text_ = type(value).__name__ == "Str" or isinstance(getattr(value, "value", None), str)
    return isinstance(statement, ast.Expr) and is_text_


def is_plain(function: "Any") -> bool:
    """Return whether a function's decorators are names alone, as in ``@property``."""
    return all(
        isinstance(decorator, (ast.Name, ast.Attribute)) for decorator in function.decorator_list
    )


def is_text(node: ast.AST, field: str) -> bool:
    """Return whether the elements of a field must stay what they are, as those of f-strings."""
    return field == "values" and type(node).__name__ in ("JoinedStr", "TemplateStr")


def names_of(arguments: ast.arguments) -> "list[str]":
    """Return the names of parameters in their order, each with its kind."""
    kinds = ("posonlyargs", "args", "vararg", "kwonlyargs", "kwarg")
    names = []
    for kind in kinds:
        values = getattr(arguments, kind, None) or []
        values = values if isinstance(values, list) else [values]
        names += ["%s %s" % (kind, value.arg) for value in values]
    return names


def can_be_wrapped(node: ast.AST) -> bool:
    """Return whether `call() and (…)` may stand in place of an expression."""
    if not isinstance(node, ast.expr) or type(node).__name__ in NEVER_ALONE:
        return False
    if not isinstance(getattr(node, "ctx", ast.Load()), ast.Load):
        return False
    return all(type(element).__name__ not in NEVER_ALONE for element in getattr(node, "elts", []))


class _WithoutAnnotations(ast.NodeTransformer):
    def visit_arg(self, node: ast.arg) -> ast.arg:
        node.annotation = None
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AnnAssign:
        node.annotation = ast.copy_location(ast.Name(id="x", ctx=ast.Load()), node.annotation)
        return node


def without_annotations(statement: "Any") -> "Any":
    """Return a copy of a statement's header without annotations, which are never evaluated."""
    blocks = {name: getattr(statement, name) for name in BLOCKS if hasattr(statement, name)}
    for name in blocks:
        setattr(statement, name, [])
    copied = copy.deepcopy(statement)
    for name, block in blocks.items():
        setattr(statement, name, block)
    if isinstance(copied, FUNCTIONS):
        copied.returns = None
    return _WithoutAnnotations().visit(copied)


def has_lazy_annotations(tree: ast.Module) -> bool:
    """Return whether annotations stay texts, as the module asks for."""
    return any(
        isinstance(statement, ast.ImportFrom)
        and statement.module == "__future__"
        and any(name.name == "annotations" for name in statement.names)
        for statement in tree.body
    )


def function_at(tree: "Any", path: str) -> str:
    """Return the qualified name of the function around a place; empty at the module's level."""
    names: "list[str]" = []
    node = tree
    for step in path.split("."):
        if isinstance(node, DEFINITIONS) and step == "body":
            names += [node.name] + (["<locals>"] if isinstance(node, FUNCTIONS) else [])
        if isinstance(node, list):
            node = node[int(step)] if int(step) < len(node) else None
        else:
            node = getattr(node, step)
    return ".".join(names[:-1] if names[-1:] == ["<locals>"] else names)


def line_at(tree: "Any", path: str) -> int:
    """Return the line of a place, or the last one before it that is known."""
    node, line = tree, 1
    for step in path.split("."):
        if isinstance(node, list):
            is_end = int(step) >= len(node)
            line = getattr(node[-1], "lineno", line) if is_end and node else line
            node = None if is_end else node[int(step)]
        else:
            node = getattr(node, step)
        line = getattr(node, "lineno", line)
    return line


def changed(text: str, edits: "Iterable[tuple[int, int, str]]") -> str:
    """Return a text with edits applied."""
    for start, end, replacement in sorted(edits, reverse=True):
        text = text[:start] + replacement + text[end:]
    return text


def answer(request: "dict[str, Any]") -> "dict[str, Any]":
    """Return the answer for one file."""
    path = request["path"]
    try:
        with open(path, "rb") as file:
            content = file.read()
        if hashlib.sha256(content).hexdigest() != request["sha256"]:
            return {"path": path, "error": "the file has changed"}
        text = content.decode(request["encoding"])
        clean = ast.parse(text, path)
    except (OSError,) + REFUSALS as error:
        return {"path": path, "error": "%s: %s" % (type(error).__name__, error)}
    (edits,) = request["mutants"]
    try:
        buggy_text = changed(text, edits)
        compile(buggy_text, path, "exec", dont_inherit=True)
        buggy = ast.parse(buggy_text, path)
        changes = Changes(has_lazy_annotations(buggy))
        changes.statements(clean.body, buggy.body, "body")
    except REFUSALS as error:
        return {"path": path, "error": "%s: %s" % (type(error).__name__, error)}
    counted = list(dict.fromkeys(changes.counted))
    return {
        "path": path,
        "counted": counted,
        "lines": [line_at(buggy, path) for path in counted],
        "function": function_at(buggy, counted[0]) if counted else "",
    }


def main() -> None:
    """Answer each line of standard input with a line of standard output."""
    warnings.simplefilter("ignore")
    for line in sys.stdin:
        sys.stdout.write(json.dumps(answer(json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
