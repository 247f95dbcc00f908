"""docs/settings.md and docs/trainwreck.schema.json say what the settings reader does."""

import json
import runpy
import tomllib
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft202012Validator

from guest import ROOT
from trainwreck.subject.settings_file import load_settings
from trainwreck.subject.settings_keys import PHASE, SECTIONS

PAGE = ROOT / "docs" / "settings.md"
SCHEMA = ROOT / "docs" / "trainwreck.schema.json"
FILES = sorted([*ROOT.glob("studies/*/trainwreck.toml"), *ROOT.glob("tests/**/trainwreck.toml")])
KEYS = [(section, key) for section in SECTIONS for key in section.keys]

LEAST: dict[str, Any] = {
    "subject": {"name": "a", "command": ["train.py"]},
    "metrics": {"accuracy": {}},
}


@pytest.fixture(scope="module")
def reference() -> dict[str, Any]:
    return runpy.run_path(str(ROOT / "tools" / "pages" / "settings_reference.py"))


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    return Draft202012Validator(json.loads(SCHEMA.read_text(encoding="utf-8")))


def test_settings_md_has_the_reference_of_the_keys(reference: dict[str, Any]) -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert reference["page"](text) == text, "run `make pages`"
    assert all(f"| `{key.name}` | {key.kind.name} |" in text for _, key in KEYS)


def test_the_schema_file_is_that_of_the_keys(reference: dict[str, Any]) -> None:
    assert SCHEMA.read_text(encoding="utf-8") == reference["schema_text"](), "run `make pages`"


def test_the_schema_is_valid_draft_2020_12(validator: Draft202012Validator) -> None:
    Draft202012Validator.check_schema(validator.schema)


@pytest.mark.parametrize("file", FILES, ids=lambda path: path.parent.name)
def test_the_schema_accepts_every_settings_file_of_the_repository(
    validator: Draft202012Validator, file: Path
) -> None:
    validator.validate(tomllib.loads(file.read_text(encoding="utf-8")))


@pytest.mark.parametrize(
    ("section", "values"),
    [
        ("trails", {}),
        ("trials", 3),
        ("trials", {"sedes": 1}),
        ("trials", {"seeds": 0}),
        ("trials", {"seeds": "two"}),
        ("trials", {"timeout_factor": 1}),
        ("trials", {"memory": "4 apples"}),
        ("trials", {"rules": ["prob"]}),
        ("mutants", {"operators": ["nvr"]}),
        ("mutants", {"families": []}),
        ("verdicts", {"alpha": 0.6}),
        ("metrics", {}),
        ("metrics", {"loss": {"better": "smaller"}}),
        ("metrics", {"loss": {"margin": "-2%"}}),
        ("phases", {"learning": "train.py:0"}),
        ("data", {"requirement": "a==1"}),
        ("subject", {"name": "a"}),
        ("profiles", {"paper": {"trials": {"clean": 0}}}),
    ],
)
def test_the_schema_refuses_what_the_reader_refuses(
    validator: Draft202012Validator, section: str, values: object
) -> None:
    assert validator.is_valid(LEAST)
    assert not validator.is_valid({**LEAST, section: values})


BESIDE = {"metrics.file": {"column": "'loss'"}, "metrics.column": {"file": "'metrics.csv'"}}
"""What a key needs beside it."""
NAMED = {"metrics": "metrics.accuracy", "checks": "checks.tests"}
"""A section of each kind that has names."""


@pytest.mark.parametrize(
    ("section", "key"), KEYS, ids=[f"{section.name}.{key.name}" for section, key in KEYS]
)
def test_the_example_of_a_key_can_be_read(tmp_path: Path, section: Any, key: Any) -> None:
    tables: dict[str, dict[str, str]] = {
        "subject": {"name": '"a"', "command": '["train.py"]'},
        "metrics.accuracy": {},
    }
    table = tables.setdefault(NAMED.get(section.name, section.name), {})
    table |= {other.name: other.example for other in section.keys if other.required}
    if section.listed and key.name != "edits":
        table |= {other.name: other.example for other in section.keys if other.name != "edits"}
    table |= BESIDE.get(f"{section.name}.{key.name}", {})
    table[key.name] = key.line.partition(" = ")[2]
    heads = {section.name: f"[[{section.name}]]"} if section.listed else {}
    text = "".join(
        f"{heads.get(name, f'[{name}]')}\n"
        + "".join(f"{key} = {value}\n" for key, value in values.items())
        for name, values in tables.items()
    )
    file = tmp_path / "trainwreck.toml"
    file.write_text(f"{text}[phases]\n{PHASE.line}\n", encoding="utf-8")
    assert load_settings(file).subject.phases[0].line == 88
