"""What strangers read first: it is there, it parses, and the commands that it names exist."""

import re
import shlex
import tomllib
from collections.abc import Iterable
from importlib import resources
from pathlib import Path
from typing import Any

import pytest
import yaml

from guest import ROOT
from trainwreck import __version__
from trainwreck.cli.arguments import Argument
from trainwreck.cli.commands import COMMANDS, SHARED
from trainwreck.cli.help import HELP, VERSION

GITHUB = ROOT / ".github"
FORM_NAMES = ("bug", "wrong_verdict", "new_framework")
FORMS = [GITHUB / "ISSUE_TEMPLATE" / f"{name}.yml" for name in FORM_NAMES]
WORKFLOWS = sorted((GITHUB / "workflows").glob("*.yml"))
HOOKS = ROOT / ".pre-commit-config.yaml"
CITATION = ROOT / "CITATION.cff"
MARKDOWN = [
    ROOT / "README.md",
    ROOT / "CONTRIBUTING.md",
    ROOT / "SECURITY.md",
    GITHUB / "pull_request_template.md",
]
PAGES = sorted((ROOT / "docs").rglob("*.md"))
READ_FIRST = [*MARKDOWN, *FORMS, *WORKFLOWS]

FENCED = re.compile(r"^```(?:\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
QUOTED = re.compile(r"`([^`\n]+)`")
TARGET = re.compile(r"^([a-z][\w-]*):(?!=)", re.MULTILINE)
ASSIGNED = re.compile(r"^([A-Z]+) [?:]=", re.MULTILINE)
"""A variable of the Makefile, which may be set beside a target."""

TESTED = ["3.11", "3.12", "3.13"]
UNTESTED = ["3.14"]
OF_THE_PROGRAM = ["3.6", "3.7", "3.8", "3.9", "3.10", *TESTED]


def parsed(path: Path) -> Any:
    """Return what a YAML file holds."""
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def commands_of(path: Path) -> list[list[str]]:
    """Return the words of each command in blocks, quoted words, and steps of workflows."""
    if path in WORKFLOWS:
        jobs = parsed(path)["jobs"].values()
        lines = [step["run"] for job in jobs for step in job["steps"] if "run" in step]
    else:
        text = path.read_text(encoding="utf-8")
        blocks = FENCED.findall(text)
        lines = [line for block in blocks for line in block.splitlines()]
        lines += QUOTED.findall(FENCED.sub("", text))
    lines = [line.removeprefix("$ ") for line in lines]
    calls = [line for line in lines if line.startswith(("make ", "trainwreck "))]
    return [words_of(call) for call in calls]


def words_of(call: str) -> list[str]:
    """Return the words of a shell command, up to a pipe or a comment."""
    words = shlex.split(call, comments=True)
    return words[: words.index("|")] if "|" in words else words


def wrong_make(words: list[str], makefile: str) -> list[str]:
    """Return the targets and variables of a call that the Makefile does not have."""
    known = {*TARGET.findall(makefile), *ASSIGNED.findall(makefile)}
    return [word for word in words[1:] if word.partition("=")[0] not in known]


def wrong_trainwreck(words: list[str]) -> list[str]:
    """Return the command and the options of a call that `trainwreck` does not have."""
    commands = {command.name: command for command in COMMANDS}
    wrong, options, left = [], flags_of([*SHARED, VERSION, HELP]), words[1:]
    command = None
    while left:
        word = left.pop(0)
        if word.startswith("--"):
            if word not in options:
                wrong.append(word)
            elif not options[word]:
                left = left[1:]
        elif command is None:
            command = commands.get(word)
            wrong += [] if command else [word]
            options = flags_of([*command.arguments, *command.shared, HELP]) if command else {}
        elif command.rest is not None:
            break  # The words of another program's command.
    return wrong


def flags_of(arguments: Iterable[Argument]) -> dict[str, bool]:
    """Return every option, and whether no value follows it."""
    return {argument.name: argument.is_flag for argument in arguments if argument.is_option}


@pytest.mark.parametrize("path", [*READ_FIRST, *PAGES], ids=lambda path: path.name)
def test_commands_that_are_named_exist(path: Path) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    for words in commands_of(path):
        wrong = wrong_make(words, makefile) if words[0] == "make" else wrong_trainwreck(words)
        assert wrong == [], shlex.join(words)


@pytest.mark.parametrize(
    ("call", "wrong"),
    [
        ("make check", []),
        ("make study PROFILE=tiny MUTANTS=6", []),
        ("make studies", ["studies"]),
        ("make test SPEED=2", ["SPEED=2"]),
        ("trainwreck --campaign keras import keras.jsonl.xz", []),
        ("trainwreck --python python3.6 study keras-2.3", []),
        ("trainwreck --version", []),
        ("trainwreck explode", ["explode"]),
        ("trainwreck --campaign explode", []),
        ("trainwreck run --mutants run --sideways", ["--sideways"]),
        ("trainwreck show 3f9a --json --campaign keras", []),
        ("trainwreck show 3f9a --python python3.6", ["--python"]),
    ],
)
def test_a_command_that_does_not_exist_is_noticed(call: str, wrong: list[str]) -> None:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    words = call.split()
    found = wrong_make(words, makefile) if words[0] == "make" else wrong_trainwreck(words)
    assert found == wrong


def test_commands_are_found_where_they_are_named() -> None:
    for path in (ROOT / "README.md", ROOT / "CONTRIBUTING.md", *WORKFLOWS):
        assert commands_of(path), path.name


@pytest.mark.parametrize("path", [*MARKDOWN, *PAGES], ids=lambda path: path.name)
def test_files_of_ours_that_are_named_exist(path: Path) -> None:
    """Names with a place-holder (`test_*.py`) stand for at least one file."""
    for quoted in QUOTED.findall(FENCED.sub("", path.read_text(encoding="utf-8"))):
        if re.match(r"(tests|tools|docs|studies|src|benchmarks|\.github)/[\w*./-]*$", quoted):
            assert list(ROOT.glob(quoted.rstrip("/"))), f"{path.name}: {quoted}"


@pytest.mark.parametrize("path", FORMS, ids=lambda path: path.stem)
def test_a_form_can_be_filled_in(path: Path) -> None:
    form = parsed(path)
    assert form["name"]
    assert form["description"]
    asked = [field for field in form["body"] if field["type"] != "markdown"]
    names = [field["id"] for field in asked]
    assert len(names) == len(set(names))
    assert all(field["attributes"]["label"] for field in asked)
    assert any(field.get("validations", {}).get("required") for field in asked)
    assert {field["type"] for field in asked} <= {"textarea", "input", "checkboxes"}


@pytest.mark.parametrize("path", WORKFLOWS, ids=lambda path: path.stem)
def test_a_workflow_is_bounded_and_needs_no_secret(path: Path) -> None:
    workflow = parsed(path)
    assert workflow["permissions"] == {"contents": "read"}
    assert "secrets" not in path.read_text(encoding="utf-8")
    for job in workflow["jobs"].values():
        assert job["timeout-minutes"] <= 60
        used = [step["uses"] for step in job["steps"] if "uses" in step]
        assert all(re.fullmatch(r"[\w-]+/[\w-]+@v\d+", action) for action in used)


def test_workflows_test_the_versions_that_the_package_names() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    jobs = parsed(GITHUB / "workflows" / "checks.yml")["jobs"]
    named = [text.rpartition(" ")[2] for text in project["classifiers"] if ":: 3." in text]
    assert named == TESTED
    assert jobs["test"]["strategy"]["matrix"]["python"] == TESTED + UNTESTED
    assert jobs["agent"]["strategy"]["matrix"]["python"] == OF_THE_PROGRAM + UNTESTED
    for job in (jobs["test"], jobs["agent"]):
        assert job["continue-on-error"] == "${{ matrix.python == '3.14' }}"


def test_hooks_use_the_tools_of_make_dev() -> None:
    repositories = parsed(HOOKS)["repos"]
    hooks = {hook["id"]: hook for repository in repositories for hook in repository["hooks"]}
    wanted = {"end-of-file-fixer", "check-added-large-files", "check-yaml", "check-toml"}
    assert wanted <= set(hooks)
    for name in ("ruff-check", "ruff-format"):
        assert hooks[name]["entry"].startswith(".venv/bin/ruff ")
    others = [repository for repository in repositories if repository["repo"] != "local"]
    assert all(re.fullmatch(r"v\d+\.\d+\.\d+", repository["rev"]) for repository in others)


def test_the_citation_names_this_version_and_the_paper() -> None:
    citation = parsed(CITATION)
    assert citation["cff-version"] == "1.2.0"
    assert (citation["title"], citation["version"]) == ("trainwreck", __version__)
    assert citation["type"] == "software"
    assert citation["message"]
    assert citation["authors"]
    (paper,) = citation["references"]
    assert paper["title"] == "How Do Injected Bugs Affect Deep Learning?"
    assert paper["year"] == 2022
    names = [f"{author['given-names']} {author['family-names']}" for author in paper["authors"]]
    assert names == ["Li Jia", "Hao Zhong", "Xiaoyin Wang", "Linpeng Huang", "Zexuan Li"]


def test_the_package_says_that_it_is_typed() -> None:
    assert (resources.files("trainwreck") / "py.typed").is_file()


@pytest.mark.parametrize("path", [*READ_FIRST, CITATION, HOOKS], ids=lambda path: path.name)
def test_no_address_of_a_person_or_of_an_unknown_project(path: Path) -> None:
    """The only web address is that of a tool which contributors may install."""
    text = path.read_text(encoding="utf-8")
    assert not re.search(r"[\w.]+@[\w-]+\.[a-z]", text)
    known = r"https://(pre-commit\.com|github\.com/pre-commit/pre-commit-hooks)\b"
    assert not re.search(r"https?://", re.sub(known, "", text))
