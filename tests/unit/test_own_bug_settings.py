"""The [[bugs]] of a settings file: what they become, and mistakes in them."""

from pathlib import Path

import pytest

from trainwreck.errors import UsageError
from trainwreck.subject.settings import DescribedBug, TextEdit
from trainwreck.subject.settings_file import load_settings

HEAD = '[subject]\nname = "a"\ncommand = ["train.py"]\n[metrics.loss]\n'


def bugs_of(folder: Path, text: str) -> tuple[DescribedBug, ...]:
    file = folder / "trainwreck.toml"
    file.write_text(HEAD + text, encoding="utf-8")
    return load_settings(file).bugs


def test_bugs_have_one_edit_or_several(tmp_path: Path) -> None:
    text = """\
[[bugs]]
name = "one"
link = "https://example.org"
file = "a.py"
before = '''
x = 1
y = 2'''
after = ""
line = 3

[[bugs]]
edits = [{ file = "a.py", before = "1", after = "2" }, { file = "b.py", before = "3", after = "4" }]
"""
    one, several = bugs_of(tmp_path, text)
    edit = TextEdit("a.py", "x = 1\ny = 2", "", 3)
    assert one == DescribedBug((edit,), "one", "https://example.org")
    assert several.edits == (TextEdit("a.py", "1", "2"), TextEdit("b.py", "3", "4"))


def test_bugs_leave_the_fingerprint_of_settings_as_it_is(tmp_path: Path) -> None:
    file = tmp_path / "trainwreck.toml"
    file.write_text(HEAD, encoding="utf-8")
    before = load_settings(file).fingerprint
    bugs_of(tmp_path, '[[bugs]]\nfile = "a.py"\nbefore = "1"\nafter = "2"\n')
    assert load_settings(file).fingerprint == before


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[[bugs]]\nbefore = "a"\nafter = "b"', ":5: `bugs[1].file` is missing"),
        ('[[bugs]]\nfile = "a.py"\nafter = "b"', ":5: `bugs[1].before` is missing"),
        ('[[bugs]]\nfile = "a.py"\nbefore = ""\nafter = "b"', ":7: `bugs[1].before` is missing"),
        ('[[bugs]]\nfile = "a.py"\nbefore = "a"\nafter = "a"', ":8: `bugs[1].after` is the same"),
        ('[bugs]\nfile = "a.py"', ":5: `bugs` must be a list of tables"),
        ('[[bugs]]\nbefor = "a"', ":6: `bugs[1].befor` is unknown: did you mean `before`?"),
        ('[[bugs]]\nedits = [{ file = "a.py" }]\nline = 2', ":7: `bugs[1].line` is there besides"),
        ('[[bugs]]\nedits = [{ file = "a.py" }]', ":6: `bugs[1].edits.before` is missing"),
        ("[[bugs]]\nedits = []", ":6: `bugs[1].edits` must be a list of tables"),
        ('[[bugs]]\nedits = [{ fil = "a.py" }]', ":6: `bugs[1].edits.fil` is unknown"),
        (
            '[[bugs]]\nfile = "a.py"\nbefore = "a"\nafter = "b"\n[[bugs]]\nname = 3',
            ":10: `bugs[2].name` must be a string",
        ),
        (
            '[[bugs]]\nfile = "a.py"\nbefore = "a"\nafter = "b"\nline = 0',
            ":9: `bugs[1].line` must be a whole number of at least 1",
        ),
    ],
)
def test_mistakes_in_bugs_name_the_line_and_the_key(
    tmp_path: Path, text: str, message: str
) -> None:
    with pytest.raises(UsageError) as error:
        bugs_of(tmp_path, text)
    assert message in error.value.what
    assert error.value.hint
