"""The checker of words, tools/measures/words.py, on sources written by hand."""

import ast
from pathlib import Path
from textwrap import dedent

import pytest

import words
from words import Rule, Violation


def broken(source: str) -> list[tuple[int, Rule, str]]:
    """Return line, rule and the first word of the text of each violation, in order."""
    violations = sorted(words.check_python(dedent(source), "a.py"))
    return [(item.line, item.rule, item.text.split(":")[0]) for item in violations]


def function(docstring: str) -> str:
    """Return a function with a docstring."""
    return f'def f():\n    """{docstring}"""\n'


@pytest.mark.parametrize(
    "opening",
    [
        "Return the trials.",
        "Count the trials, by phase.",
        "Report the trials of a campaign.",
        "Set the value of a key.",
        "Check that it works.",
        "Run in a slot.",
        "Have ``act`` called.",
        "Stop, and wait.",
        "Run.",
    ],
)
def test_words_opening_takes_imperative_verbs(opening: str) -> None:
    assert broken(function(opening)) == []


@pytest.mark.parametrize(
    "opening",
    [
        "The trials.",
        "A trial.",
        "What a trial is.",
        "Whether it ended.",
        "Returns the trials.",
        "Processor seconds of a trial.",
        "Count of the trials.",
        "Test that groups differ.",
        "Work and time of a trial.",
        "Clean runs in order.",
        "``and`` before ``or``.",
        "(line, text) of each.",
        "return the trials.",
        "",
    ],
)
def test_words_opening_refuses_other_functions(opening: str) -> None:
    assert broken(function(opening)) == [(2, Rule.OPENING, opening)]


def test_words_opening_of_methods_and_nested_functions() -> None:
    source = '''\
        class Trial:
            """One run."""

            async def end(self):
                """The end."""
                def inner():
                    """How it ends."""
    '''
    assert [line for line, *_ in broken(source)] == [5, 7]


@pytest.mark.parametrize("opening", ["What", "Whether", "How", "Where", "So many"])
@pytest.mark.parametrize("form", ['"""{}"""', 'class A:\n    """{}"""', 'A = 1\n"""{}"""'])
def test_words_opening_of_classes_modules_and_attributes(opening: str, form: str) -> None:
    text = f"{opening} trials are."
    assert [rule for _, rule, _ in broken(form.format(text))].count(Rule.OPENING) == 1
    assert broken(form.format("The trials.")) == []
    assert broken(form.format("However many trials.")) == []


def test_words_banned_in_docstrings_comments_and_messages() -> None:
    source = '''\
        def f(value):
            """Return a text.

            It Tells so
            many things.
            """
            # Nobody reads this.
            return f"{value} is told " + "anew"
    '''
    assert broken(source) == [
        (4, Rule.WORD, "so many"),
        (4, Rule.WORD, "tells"),
        (7, Rule.WORD, "nobody"),
        (8, Rule.WORD, "told"),
    ]


@pytest.mark.parametrize(
    "text",
    [
        "meta, metrics and meeting",
        "``told`` and `looks` are names",
        "the file is so large that it is compressed",
        "each known place was found, and made",
    ],
)
def test_words_banned_spares(text: str) -> None:
    assert broken(f'x = "{text}"\n# {text}') == []


@pytest.mark.parametrize(
    "word",
    ["told", "tells", "looks", "anew", "met", "nobody", "whoever", "of which", "made elsewhere"],
)
def test_words_banned_finds_each(word: str) -> None:
    assert broken(f"# a {word} b") == [(1, Rule.WORD, word)]


def test_words_banned_is_so() -> None:
    assert broken("# where that is so, skip it") == [(1, Rule.WORD, "is so")]


def test_words_vague_names_are_those_that_are_bound() -> None:
    source = """\
        def f(place, *, told=None):
            found: int = print(known)
            self._made = 1
            for each in []:
                pass
            with open(1) as met:
                return [found for foundation, looks in each]
        place.each(anew=1)
    """
    assert broken(source) == [
        (1, Rule.NAME, "place"),
        (1, Rule.NAME, "told"),
        (2, Rule.NAME, "found"),
        (3, Rule.NAME, "made"),
        (4, Rule.NAME, "each"),
        (6, Rule.NAME, "met"),
        (7, Rule.NAME, "looks"),
    ]


def many(count: int) -> str:
    """Return as many words."""
    return " ".join(["word"] * count)


@pytest.mark.parametrize(
    "text",
    [
        many(25) + ".",
        f"{many(20)}. {many(20).capitalize()}.",
        f"{many(20)}: ``a b c d e f g h``.",
        f"{many(20)}. ``code`` {many(20)}.",
        f"{many(20)}\n\n{many(20)}",
        f"{many(20)}\n- {many(20)}",
        f"Args:\n    a: {many(20)}\n    b: {many(20)}",
    ],
)
def test_words_length_spares(text: str) -> None:
    assert list(words.long_sentences(text, 1)) == []


@pytest.mark.parametrize(
    ("text", "line", "number"),
    [
        (many(26), 3, 26),
        (f"{many(5)}.\n\n{many(30)}.", 5, 30),
        (f"{many(20)}, e.g. {many(20)}.", 3, 41),
        (f"{many(20)}\n{many(20)}", 3, 40),
    ],
)
def test_words_length_finds_long_sentences(text: str, line: int, number: int) -> None:
    ((at, message),) = words.long_sentences(text, 3)
    assert (at, message.split(" words")[0]) == (line, str(number))


def test_words_markdown_only_outside_code() -> None:
    page = "It tells `told` and\n\n```\nnobody\n```\n\nanew, found.\n"
    lines = [(item.line, item.text.split(":")[0]) for item in words.check_markdown(page, "a.md")]
    assert lines == [(1, "tells"), (7, "anew")]


def test_words_docstrings_have_their_owner() -> None:
    owners = [item.owner for item in words.docstrings(ast.parse('"""A."""\nb = 1\n"""C."""'))]
    assert list(map(type, owners)) == [ast.Module, ast.Assign]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a folder with a package, a page and a file that is neither."""
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c.py").write_text('def f(found):\n    """The end."""\n')
    (tmp_path / "page.md").write_text("It tells.\n")
    (tmp_path / "told.txt").write_text("It tells.\n")
    return tmp_path


def test_words_check_paths_of_a_folder_and_a_file(folder: Path) -> None:
    assert words.check_paths([folder / "b", folder / "page.md"], folder) == [
        Violation("b/c.py", 1, Rule.NAME, "found"),
        Violation("b/c.py", 2, Rule.OPENING, "The end."),
        Violation("page.md", 1, Rule.WORD, "tells: … It tells. …"),
    ]


def test_words_prints_lines_and_the_exit_code(folder: Path, capsys: pytest.CaptureFixture) -> None:
    assert words.main([str(folder), "--rule", "word"]) == 1
    assert capsys.readouterr().out == f"{folder}/page.md:1: word: tells: … It tells. …\n"
    assert words.main([str(folder), "--rule", "name"]) == 0


def test_words_count_by_folder_and_rule(folder: Path, capsys: pytest.CaptureFixture) -> None:
    words.main([str(folder), "--count"])
    assert capsys.readouterr().out.splitlines()[2:] == [
        f"| {folder} | 0 | 1 | 0 | 0 |",
        f"| {folder}/b | 1 | 0 | 1 | 0 |",
        "| all | 1 | 1 | 1 | 0 |",
    ]


def test_words_of_the_code_follow_the_strict_rules() -> None:
    violations = [item for item in words.check_paths(words.CHECKED) if item.rule in words.STRICT]
    assert not violations, "\n".join(map(str, violations))
