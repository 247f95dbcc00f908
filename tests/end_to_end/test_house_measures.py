"""The measures of tools/measures/house.py and call_depth.py, on sources written by hand."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

import call_depth
import checkout
import house
from house import Checkout

Write = Callable[..., Checkout]
PROJECT = (
    '[[tool.importlinter.contracts]]\nname = "a"\n[[tool.importlinter.contracts]]\nname = "b"\n'
)


@pytest.fixture
def checkout_of(tmp_path: Path) -> Write:
    """Return a function that writes modules of a package and returns the checkout."""

    def write(*sources: str, **modules: str) -> Checkout:
        package = tmp_path / house.PACKAGE
        modules |= {f"m{number}": source for number, source in enumerate(sources)}
        for path, text in ((f"{name}.py", text) for name, text in modules.items()):
            (package / path).parent.mkdir(parents=True, exist_ok=True)
            (package / path).write_text(dedent(text))
        return Checkout(tmp_path)

    return write


def test_house_vague_names_per_thousand_lines(checkout_of: Write) -> None:
    written = checkout_of("found = 1\n" + "\n" * 48, "for each in found:\n    found.known\n")
    assert written.line_count == 51
    assert house.vague_names(written) == 39.2


def test_house_openings_of_docstrings(checkout_of: Write) -> None:
    written = checkout_of(
        '''\
        """A module."""
        class A:
            """What it is."""
            def f(self):
                """Return it."""
            def g(self):
                """How it is."""
        ''',
        'def h():\n    """The end."""\n',
    )
    assert house.question_openings(written) == "40 %"
    assert house.no_verb_openings(written) == "67 %"


def test_house_banned_words_of_all_files(checkout_of: Write) -> None:
    assert house.banned_words(checkout_of("# told\n", 'x = "it tells all"  # anew\n')) == 3


def test_house_comment_share(checkout_of: Write) -> None:
    assert (
        house.comment_share(checkout_of('# a\nb = "# c"\n', "d = 1  # e\n" + "f = 1\n" * 5))
        == "25.0 %"
    )


def test_house_files_of_a_fact(checkout_of: Write) -> None:
    written = checkout_of("first_hit = 1\n", "x.first_hit\n", "the_first_hits = 2\n")
    (written.folder / house.PACKAGE / "schema.sql").write_text("first_hit REAL\n")
    (written.folder / house.PACKAGE / "m.pyc").write_bytes(b"first_hit\xff")
    assert house.files_of_a_fact(written) == 3


def test_house_files_of_a_fact_that_is_gone(checkout_of: Write) -> None:
    assert house.files_of_a_fact(checkout_of("a = 1\n")) == "gone"


def test_house_carriers_are_signatures_not_bodies_or_results(checkout_of: Write) -> None:
    written = checkout_of(
        """\
        def a(desk: Desk) -> CampaignFile: ...
        def b(session: "Session | None", *, file: CampaignFile): ...
        async def c(files: Sequence[CampaignFile], *more: Desktop): ...
        def d(desk):
            file: CampaignFile = desk
        """
    )
    assert house.carriers(written, house.SESSION) == 2
    assert house.carriers(written, house.FILE) == 2
    assert house.carriers(written, house.SESSION, house.FILE) == 1


def test_house_constructions(checkout_of: Write) -> None:
    written = checkout_of("a = Evidence(b).c\nd.Evidence()\nMyEvidence(Evidence)\n")
    assert house.constructions(written, "Evidence") == 2


def test_house_shared_class_names(checkout_of: Write) -> None:
    assert (
        house.shared_class_names(checkout_of("class A: ...\nclass B: ...\n", "class A: ...\n")) == 1
    )


def test_house_function_lines(checkout_of: Write) -> None:
    short = "@decorated\ndef f():\n    return 1\n"
    long = "def g():\n" + "    x = 1\n" * 29
    assert house.function_lines(checkout_of(short * 9 + long)) == "2, 2"
    assert house.function_lines(checkout_of(short * 8 + long * 2)) == "2, 30"


def test_house_largest_package_without_the_guest(checkout_of: Write) -> None:
    guest = [f"agent/inner/m{number}" for number in range(9)]
    names = ["a/one", "a/two", "b/__init__", "b/one", "b/two", "b/three", *guest]
    assert house.largest_package(checkout_of(**dict.fromkeys(names, ""))) == "3 (`b`)"


def test_house_contracts_and_readme(checkout_of: Write) -> None:
    written = checkout_of("")
    (written.folder / "pyproject.toml").write_text(PROJECT)
    (written.folder / "README.md").write_text("# One\n\ntwo three\n")
    assert house.contracts(written) == 2
    assert house.readme_size(written) == "4, 3"


def test_house_help_modules_are_those_of_the_checkout(checkout_of: Write) -> None:
    few = house.help_modules(checkout_of(__init__="", __main__="import sys\n"))
    more = house.help_modules(checkout_of(__init__="", __main__="import wave\n"))
    assert 0 < int(few) < int(more) < 200


def test_house_help_seconds_are_the_least(
    checkout_of: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    seconds = iter([0.5, 0.375, 0.25, 0.5, 0.75])
    monkeypatch.setattr(house, "_help_cpu_seconds", lambda _: next(seconds))
    assert house.help_seconds(checkout_of("")) == "0.25"


def test_call_depth_counts_own_functions_only(tmp_path: Path) -> None:
    (tmp_path / "own.py").write_text(
        "def f(g):\n    return h(g)\ndef h(g):\n    return g()\nA = 1\n"
    )
    code = compile((tmp_path / "own.py").read_text(), str(tmp_path / "own.py"), "exec")
    names: dict = {}
    exec(code, names)
    assert names["f"](lambda: call_depth.own_frames(sys._getframe(), tmp_path)) == 2
    assert call_depth.own_frames(sys._getframe(), tmp_path) == 0


def test_house_call_depth_of_the_working_tree() -> None:
    assert 5 <= int(str(house.call_depth(Checkout(checkout.ROOT)))) <= 40


def test_house_prints_before_and_after(
    checkout_of: Write, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    written = checkout_of("# a\ndef f(): ...\n")
    (written.folder / "pyproject.toml").write_text(PROJECT)
    (written.folder / "README.md").write_text("# One\n")
    monkeypatch.setattr(checkout, "ROOT", written.folder)
    house.main(["--static", ".", "."])
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert head == "| measure | before | after |"
    assert len(rows) == len(house.STATIC)
    assert "| lines with a comment | 50.0 % | 50.0 % |" in rows


def test_house_checks_out_a_revision(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@b"]
    (tmp_path / house.PACKAGE).mkdir(parents=True)
    file = tmp_path / house.PACKAGE / "a.py"
    file.write_text("told = 1\n")
    for arguments in (["init", "-q"], ["add", "."], ["commit", "-qm", "one"]):
        subprocess.run([*git, *arguments], check=True, timeout=60)
    file.write_text("trial = 1\n")
    monkeypatch.setattr(checkout, "ROOT", tmp_path)
    with checkout.checked_out("HEAD") as before, checkout.checked_out(".") as after:
        assert (house.vague_names(before), house.vague_names(after)) == (1000, 0)
    assert not before.folder.exists()
