"""Which mutants do not compile, as the program's interpreter is asked."""

import hashlib
from pathlib import Path
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from build import mutants_of
from guest import agent_module

PIECES = (
    "x = -1 + 2\n", "match x:\n    case -1:\n        y = 2\n", "x += 1\n", "x -= yield_\n",
    "match x:\n    case 1 | 2 | -3j:\n        pass\n", "x = not a\n", "if a is not b: pass\n",
    "match x:\n    case True | 4 + 5j:\n        pass\n", "x = [1, 2, 3]\n", "for a in b: x *= 2\n",
)  # fmt: skip


check: Any = agent_module("scripts.check")


def edits_in(text: str) -> list[list[list[object]]]:
    return [
        [[edit.span.start, edit.span.end, edit.replacement] for edit in mutant.edits]
        for mutant in mutants_of(text)
    ]


def compiles(text: str) -> bool:
    try:
        compile(text, "text", "exec")
    except SyntaxError:
        return False
    return True


def dropped_one_by_one(text: str) -> list[int]:
    return [
        index for index, mutant in enumerate(mutants_of(text)) if not compiles(mutant.apply(text))
    ]


@given(st.lists(st.sampled_from(PIECES), max_size=8).map("".join))
@settings(max_examples=60, deadline=None)
def test_halving_finds_what_trying_each_alone_finds(text: str) -> None:
    assert check.dropped(text, "text", edits_in(text)) == dropped_one_by_one(text)


def test_a_sign_in_a_pattern_cannot_be_changed() -> None:
    text = "match x:\n    case -1:\n        y = -2\n"
    (index,) = check.dropped(text, "text", edits_in(text))
    assert mutants_of(text)[index].name == "train.py:2: replace `-` with `+` at module level [ArOR]"


def test_several_replacements_of_one_token_are_tried_apart() -> None:
    text = "x += 1\nmatch x:\n    case -1: pass\ny -= 2\n"
    start = text.index("+=")
    mutants = [
        [[start, start + 2, "-="]],
        [[start, start + 2, "="]],
        [[start, start + 2, "=+="]],
        [[start, start + 2, "*="]],
    ]
    assert check.dropped(text, "text", mutants) == [2]


def test_all_may_fail_and_none_may_fail() -> None:
    text = "x = 1 + 2\n"
    assert check.dropped(text, "text", [[[4, 5, ")"]], [[6, 7, "("]]]) == [0, 1]
    assert check.dropped(text, "text", [[[4, 5, "3"]], [[6, 7, "-"]]]) == []
    assert check.dropped(text, "text", []) == []


def test_changes_that_only_fail_alone_are_found_when_asked_for_alone() -> None:
    text = "match x:\n    case {1: a, 2: b}:\n        pass\n"
    first, second = text.index("1"), text.index("2")
    mutants = [[[first, first + 1, "2"]], [[second, second + 1, "3"]]]
    assert check.dropped(text, "text", mutants) == []
    assert check.dropped(text, "text", mutants, alone=[0, 1]) == [0]


def test_edits_of_one_mutant_are_made_together() -> None:
    text = "x = (1)\n"
    assert check.dropped(text, "text", [[[4, 5, "["], [6, 7, "]"]], [[4, 5, "["]]]) == [1]


def test_an_answer_names_the_mutants_that_fail(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_bytes("# coding: latin-1\nx = 'é' + 1\n".encode("latin-1"))
    request = {"path": str(path), "encoding": "latin-1", "sha256": sha(path)}
    answer = check.answer({**request, "alone": [], "mutants": [[[26, 27, ")"]], [[26, 27, "-"]]]})
    assert answer == {"path": str(path), "dropped": [0]}


def test_a_clean_file_that_does_not_compile_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("print 1\n")
    request = {
        "path": str(path),
        "encoding": "utf-8",
        "sha256": sha(path),
        "alone": [],
        "mutants": [],
    }
    assert check.answer(request)["error"].startswith("SyntaxError: ")


def test_a_file_that_changed_meanwhile_is_an_error(tmp_path: Path) -> None:
    path = tmp_path / "a.py"
    path.write_text("x = 1\n")
    request = {"path": str(path), "encoding": "utf-8", "sha256": "0", "alone": [], "mutants": []}
    assert check.answer(request)["error"] == "the file has changed"
    missing = {**request, "path": str(tmp_path / "b.py")}
    assert check.answer(missing)["error"].startswith("FileNotFoundError: ")


def sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
