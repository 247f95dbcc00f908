"""Lists what breaks the rules on words: openings, banned words, vague names, long sentences.

`python tools/measures/words.py [--count] [--rule RULE] [PATH ...]`; without a path, the package,
the README and the pages. The exit code is 1 where an opening or a word breaks its rule.
"""

import argparse
import ast
import io
import re
import sys
import tokenize
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import pairwise, takewhile
from pathlib import Path

ROOT = Path(__file__).parents[2]
CHECKED = (ROOT / "src" / "trainwreck", ROOT / "README.md", ROOT / "docs")
MOST_WORDS = 25

BANNED = re.compile(
    r"\b(told|tells|looks|anew|met|nobody|whoever|(?:so\s+many|made\s+elsewhere|of\s+which)"
    r"|is\s+so(?!\s+\w+\s+that))\b",
    re.IGNORECASE,
)
QUESTION = re.compile(r"(What|Whether|How|Where|So\s+many)\b")
VAGUE = frozenset({"found", "each", "told", "known", "place", "made", "looks", "anew", "met"})

OPENINGS = (Path(__file__).parent / "verbs.txt").read_text(encoding="utf-8").split()
"""Verbs that open a docstring; add what is missing, with a * where it is a noun as well."""
VERBS = frozenset(word.rstrip("*") for word in OPENINGS)
NOUNS_TOO = frozenset(word.rstrip("*") for word in OPENINGS if word.endswith("*"))
NOUN_FOLLOWS = re.compile(r"(?:of|that|which|whose|is|are|per)\b|[:;]")
"""Behind a word that is a verb and a noun, a sign that the noun is meant."""

QUOTED = re.compile(r"``.*?``|`[^`\n]*`", re.DOTALL)
FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
BREAK = re.compile(r"\n\s*\n|\n(?=\s*(?:[-*|]|\d+\.|>>>|\w+:)\s)|:\s*\n")
"""Between paragraphs, items of a list, and described arguments."""
SENTENCE_END = re.compile(r"(?<!\be\.g)(?<!\bi\.e)(?<!\bal)(?<!\bcf)[.!?][)\"']*\s+(?=[\W\dA-Z])")


class Rule(StrEnum):
    """A rule on words that a machine can check."""

    OPENING = "opening"
    WORD = "word"
    NAME = "name"
    LENGTH = "length"


STRICT = (Rule.OPENING, Rule.WORD)
"""Rules that have no exception."""


@dataclass(frozen=True, order=True)
class Violation:
    """One place in a file that breaks a rule."""

    path: str
    line: int
    rule: Rule
    text: str

    def __str__(self) -> str:
        """Format as compilers do, so that editors jump to the line."""
        return f"{self.path}:{self.line}: {self.rule}: {self.text}"


@dataclass(frozen=True)
class Docstring:
    """The docstring of a module, class, function or attribute, and the line it starts on."""

    owner: ast.AST
    text: str
    line: int


def docstrings(tree: ast.Module) -> Iterator[Docstring]:
    """Yield every string that stands as a statement of its own."""
    for owner in ast.walk(tree):
        match getattr(owner, "body", None):
            case list(statements):
                for described, statement in pairwise([owner, *statements]):
                    match statement:
                        case ast.Expr(ast.Constant(str(text)) as constant):
                            yield Docstring(described, text, constant.lineno)


def opens_well(docstring: Docstring) -> bool:
    """Return whether a function opens with a verb, and anything else not with a question."""
    text = docstring.text.strip()
    if not isinstance(docstring.owner, ast.FunctionDef | ast.AsyncFunctionDef):
        return not QUESTION.match(text)
    word = "".join(takewhile(str.isalpha, text))
    rest = text[len(word) :].lstrip()
    return word in VERBS and not (word in NOUNS_TOO and NOUN_FOLLOWS.match(rest))


def messages(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and text of each string of several words; one word alone is a key or a name."""
    apart = {id(part) for node in ast.walk(tree) for part in _parts(node)}
    for node in ast.walk(tree):
        if id(node) not in apart and isinstance(node, ast.Constant | ast.JoinedStr):
            text = _text(node)
            if re.search(r"\S\s+\S", text):
                yield node.lineno, text


def _parts(node: ast.AST) -> list[ast.expr]:
    """Return what is read as part of a docstring or of a formatted string."""
    if isinstance(node, ast.JoinedStr):
        return node.values
    return [node.value] if isinstance(node, ast.Expr) else []


def _text(node: ast.Constant | ast.JoinedStr) -> str:
    """Return the text of a string; each inserted value counts as one word."""
    if isinstance(node, ast.JoinedStr):
        parts = (part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
        return "".join(map(str, parts))
    return node.value if isinstance(node.value, str) else ""


def comments(text: str) -> Iterator[tuple[int, str]]:
    """Yield line and text of each comment."""
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            yield token.start[0], token.string


def bound_names(tree: ast.Module) -> Iterator[tuple[int, str]]:
    """Yield line and name, without leading underscores, of each variable where it is bound."""
    for node in ast.walk(tree):
        match node:
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                yield node.lineno, name.lstrip("_")
            case (
                ast.arg(arg=name) | ast.MatchAs(name=str(name)) | ast.ExceptHandler(name=str(name))
            ):
                yield node.lineno, name.lstrip("_")


def banned_words(text: str, line: int) -> Iterator[tuple[int, str]]:
    """Yield line and banned word, with the text around it, of a text that starts on ``line``."""
    for match in BANNED.finditer(_without(QUOTED, text)):
        around = text[max(0, match.start() - 30) : match.end() + 30]
        words = " ".join(match[0].lower().split())
        yield line + text.count("\n", 0, match.start()), f"{words}: … {' '.join(around.split())} …"


def long_sentences(text: str, line: int) -> Iterator[tuple[int, str]]:
    """Yield line and opening of each sentence that is too long; quoted code is one word."""
    start = 0
    for paragraph in _split(BREAK, QUOTED.sub(_one_word, text)):
        for sentence in _split(SENTENCE_END, paragraph):
            number = sum(bool(re.search(r"\w", word)) for word in sentence.split())
            if number > MOST_WORDS:
                first = start + len(sentence) - len(sentence.lstrip())
                opening = " ".join(text[first:].split()[:8])
                yield line + text.count("\n", 0, first), f"{number} words: {opening} …"
            start += len(sentence)


def _split(border: re.Pattern[str], text: str) -> list[str]:
    """Split behind each border, so that the parts joined are the text."""
    cuts = [0, *(match.end() for match in border.finditer(text)), len(text)]
    return [text[start:end] for start, end in pairwise(cuts)]


def _one_word(match: re.Match[str]) -> str:
    return "X" * len(match[0])


def _without(pattern: re.Pattern[str], text: str) -> str:
    """Blank what matches; lines and columns stay."""
    return pattern.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def check_python(text: str, path: str) -> Iterator[Violation]:
    """Yield what breaks a rule in a Python file."""
    tree = ast.parse(text)
    documented = list(docstrings(tree))
    for docstring in documented:
        if not opens_well(docstring):
            opening = " ".join(docstring.text.split()[:8])
            yield Violation(path, docstring.line, Rule.OPENING, opening)
        for line, opening in long_sentences(docstring.text, docstring.line):
            yield Violation(path, line, Rule.LENGTH, opening)
    prose = [(docstring.line, docstring.text) for docstring in documented]
    for start, words in (*prose, *comments(text), *messages(tree)):
        for line, word in banned_words(words, start):
            yield Violation(path, line, Rule.WORD, word)
    for line, name in bound_names(tree):
        if name in VAGUE:
            yield Violation(path, line, Rule.NAME, name)


def check_markdown(text: str, path: str) -> Iterator[Violation]:
    """Yield the banned words of a page, outside its blocks of code."""
    for line, word in banned_words(_without(FENCED, text), 1):
        yield Violation(path, line, Rule.WORD, word)


def check_paths(paths: Iterable[Path], root: Path = ROOT) -> list[Violation]:
    """Return what breaks a rule in files and folders, in order; paths are relative to ``root``."""
    files = (file for path in paths for file in ([path] if path.is_file() else path.rglob("*.*")))
    checks = {".py": check_python, ".md": check_markdown}
    return sorted(
        violation
        for file in files
        if (check := checks.get(file.suffix))
        for violation in check(file.read_text(encoding="utf-8"), _relative(file, root))
    )


def _relative(file: Path, root: Path) -> str:
    file = file.resolve()
    return str(file.relative_to(root)) if file.is_relative_to(root) else str(file)


def count_table(violations: Iterable[Violation]) -> str:
    """Return a Markdown table of the number of violations by folder and rule."""
    counts = Counter((str(Path(item.path).parent), item.rule) for item in violations)
    folders = sorted({folder for folder, _ in counts})
    rows = [[folder, *(counts[folder, rule] for rule in Rule)] for folder in folders]
    rows.append(["all", *(sum(counts[folder, rule] for folder in folders) for rule in Rule)])
    return table(["folder", *Rule], rows)


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Format a Markdown table; all columns but the first are numbers."""
    lines = [heads, ["---", *["---:"] * (len(heads) - 1)], *rows]
    return "\n".join(f"| {' | '.join(map(str, line))} |" for line in lines)


def main(arguments: list[str]) -> int:
    """Print the violations or their numbers; return 1 where a strict rule is broken."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=CHECKED)
    parser.add_argument("--count", action="store_true", help="numbers by folder and rule only")
    parser.add_argument("--rule", action="append", choices=list(Rule), help="only this rule")
    options = parser.parse_args(arguments)
    violations = [
        violation
        for violation in check_paths(options.paths)
        if not options.rule or violation.rule in options.rule
    ]
    print(count_table(violations) if options.count else "\n".join(map(str, violations)))
    return int(any(violation.rule in STRICT for violation in violations))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
