"""Unified diffs and replaced texts: src/trainwreck/mutants/patch.py."""

import difflib
import random

import pytest

from build import mutant
from trainwreck.mutants.patch import BadPatch, TextChange, fit, read_patch, replace_text

OLD = "".join(f"line {number}\n" for number in range(1, 21))
NEW = OLD.replace("line 5\n", "five\n").replace("line 15\n", "").replace("line 20\n", "20\n21\n")


def diff(old: str, new: str, name: str = "a.py", context: int = 3) -> bytes:
    lines = difflib.unified_diff(
        old.splitlines(keepends=True),
        new.splitlines(keepends=True),
        f"a/{name}",
        f"b/{name}",
        n=context,
    )
    return "".join(
        line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n" for line in lines
    ).encode()


def applied(text: str, changes: list[TextChange]) -> str:
    for change in reversed(changes):
        text = text[: change.start] + change.replacement + text[change.end :]
    return text


def patched(text: str, patch: bytes, is_reversed: bool = False) -> str:
    (part,) = read_patch(patch)
    return applied(text, fit(text, part.reversed() if is_reversed else part, "utf-8"))


@pytest.mark.parametrize("name", ["train.py", "my train.py"])
def test_a_bug_is_written_as_a_patch_that_is_read_again(name: str) -> None:
    bug = mutant(file=name).diff("a + b\n")
    (part,) = read_patch(bug.encode())
    assert {part.old, part.new} <= {name, f"a/{name}", f"b/{name}"}
    assert patched("a + b\n", bug.encode()) == "a - b\n"
    # GNU patch takes a blank for the end of a name that no tab ends.
    assert bug.splitlines()[0].endswith("\t") is (" " in name)


def test_a_patch_is_applied_and_taken_back() -> None:
    patch = diff(OLD, NEW)
    assert patched(OLD, patch) == NEW
    assert patched(NEW, patch, is_reversed=True) == OLD


@pytest.mark.parametrize("seed", range(30))
def test_patches_of_random_texts_are_applied_and_taken_back(seed: int) -> None:
    generator = random.Random(seed)
    old = [f"{generator.randrange(6)}\n" for _ in range(generator.randrange(1, 40))]
    new = [line for line in old if generator.random() < 0.8]
    for _ in range(generator.randrange(4)):
        new.insert(generator.randrange(len(new) + 1), f"new {generator.randrange(6)}\n")
    before, after = "".join(old), "".join(new)
    if generator.random() < 0.5:
        before, after = before.removesuffix("\n"), after.removesuffix("\n")
    if before == after or not before or not after:
        return
    patch = diff(before, after)
    assert patched(before, patch) == after
    assert patched(after, patch, is_reversed=True) == before
    ends = before.replace("\n", "\r\n"), after.replace("\n", "\r\n")
    if "\r\n" in before.split("\n", 1)[0] + "\r\n" and before.count("\n"):
        assert patched(ends[0], patch) == ends[1]


def test_a_hunk_may_lie_elsewhere_but_in_one_place_only() -> None:
    patch = diff(OLD, NEW)
    assert patched("# more\n" * 7 + OLD, patch) == "# more\n" * 7 + NEW
    with pytest.raises(BadPatch, match=r"hunk 1 .*fits at lines 3, 23"):
        patched("#\n" + OLD + OLD, patch)
    once = OLD.replace("line 5\n", "FIVE\n")
    with pytest.raises(BadPatch) as error:
        patched(once, patch)
    assert "hunk 1 (`@@ -2,7 +2,7 @@`) does not apply: at line 5" in error.value.what
    assert "the file has `FIVE`, the patch `line 5`" in error.value.what


def test_a_change_that_is_there_already_leads_to_reverse() -> None:
    with pytest.raises(BadPatch, match="is in the file already") as error:
        patched(NEW, diff(OLD, NEW))
    assert "--reverse" in error.value.hint


def test_a_hunk_without_an_old_line_is_refused() -> None:
    with pytest.raises(BadPatch, match="no old line"):
        patched(OLD, diff(OLD, OLD.replace("line 5\n", "line 5\nmore\n"), context=0))


def test_several_files_and_what_stands_around_them() -> None:
    mail = (
        b"From: a\nSubject: b\n\n---\n a.py | 2 +-\n\ndiff --git a/a.py b/a.py\nindex 1..2 100644\n"
    )
    tail = b"-- \n2.40.0\n"
    files = read_patch(mail + diff(OLD, NEW) + diff(OLD, NEW, "src/b c.py") + tail)
    assert [file.paths for file in files] == [
        ("a.py", "a/a.py", "b/a.py"),
        ("src/b c.py", "a/src/b c.py", "b/src/b c.py"),
    ]


def test_paths_without_prefix_with_time_and_in_quotes() -> None:
    hunk = b"@@ -1 +1 @@\n-a\n+b\n"
    (file,) = read_patch(b"--- torch/a.py\t2020-01-01 00:00\n+++ torch/a.py\t2020\n" + hunk)
    assert file.paths == ("torch/a.py",)
    (file,) = read_patch(b'--- "a/\\303\\244.py"\n+++ "b/\\303\\244.py"\n' + hunk)
    assert file.paths[0] == "ä.py"
    (file,) = read_patch(b"--- /dev/null\n+++ b/new.py\n@@ -0,0 +1 @@\n+b\n")
    assert file.paths == ("new.py", "b/new.py")


def test_lines_of_a_hunk_may_look_like_headers() -> None:
    old, new = "x\n-- a\n++ b\n@@ -1 +1 @@\ny\n", "x\n@@ -1 +1 @@\nz\n"
    assert patched(old, diff(old, new)) == new
    assert patched(new, diff(old, new), is_reversed=True) == old


def test_a_patch_with_other_ends_of_lines_fits() -> None:
    assert patched(OLD, diff(OLD, NEW).replace(b"\n", b"\r\n")) == NEW


def test_an_empty_line_of_context_may_have_lost_its_blank() -> None:
    old, new = "a\n\nb\n", "a\n\nc\n"
    assert patched(old, diff(old, new).replace(b" \n", b"\n")) == new


def test_lines_are_in_the_encoding_of_their_file() -> None:
    old, new = "# ä\nx = 1\n", "# ä\nx = 2\n"
    patch = diff(old, new).decode().encode("latin-1")
    (part,) = read_patch(patch)
    assert applied(old, fit(old, part, "iso-8859-1")) == new
    with pytest.raises(BadPatch, match="not in the encoding"):
        fit(old, part, "utf-8")


@pytest.mark.parametrize(
    ("patch", "message"),
    [
        (b"", "no unified diff"),
        (b"diff --git a/a b/a\nBinary files a/a and b/a differ\n", "line 2: a binary change"),
        (b"diff --git a/a b/b\nrename from a\nrename to b\n", "line 2: a renamed file"),
        (b"@@ -1 +1 @@\n-a\n+b\n", "line 1: a hunk without the names"),
        (b"--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n-b\n", "line 6: the hunk ends"),
        (b"--- a/a.py\n+++ b/a.py\n@@ -1,3 +1,3 @@\n a\n*b\n", "line 5: the hunk ends"),
        (b"--- a/a.py\n+++ b/a.py\nnothing\n", "line 3: there is no hunk for b/a.py"),
    ],
)
def test_patches_that_cannot_be_read(patch: bytes, message: str) -> None:
    with pytest.raises(BadPatch, match=message):
        read_patch(patch)


TEXT = "a = b + c\nd = b + c\ne = b + f\n"


@pytest.mark.parametrize(
    ("before", "line", "start"),
    [("b + f", None, 24), ("b + c", 1, 4), ("b + c", 2, 14), ("c\nd", 1, 8), ("c\nd", 2, 8)],
)
def test_a_text_is_replaced_where_it_is_meant(before: str, line: int | None, start: int) -> None:
    assert replace_text(TEXT, before, "x", line) == TextChange(start, start + len(before), "x")


@pytest.mark.parametrize(
    ("before", "line", "message", "hint"),
    [
        ("b + c", None, "`before` is there 2 times, at lines 1, 2", "Add `line = N`"),
        ("b - c", None, "`before` is not in the file$", "Copy it"),
        ("b + c", 3, "`before` is not in the file at line 3", "Copy it"),
        ("b", 1, None, ""),
        ("=", 2, None, ""),
    ],
)
def test_a_text_that_is_not_there_once(
    before: str, line: int | None, message: str | None, hint: str
) -> None:
    if message is None:
        replace_text(TEXT, before, "x", line)
        return
    with pytest.raises(BadPatch, match=message) as error:
        replace_text(TEXT, before, "x", line)
    assert hint in error.value.hint


def test_a_text_of_several_lines_takes_the_ends_of_its_file() -> None:
    change = replace_text(TEXT.replace("\n", "\r\n"), "c\nd", "x\ny", None)
    assert change == TextChange(8, 12, "x\r\ny")
