"""Writes the reference in docs/settings.md and docs/trainwreck.schema.json from the keys.

python tools/pages/settings_reference.py
"""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

from trainwreck.subject.settings_keys import PHASE, SECTIONS, Key, Section
from trainwreck.subject.value_kinds import toml

DOCS = Path(__file__).parents[2] / "docs"
PAGE = DOCS / "settings.md"
SCHEMA = DOCS / "trainwreck.schema.json"
START = "<!-- From here to the end mark: written by tools/pages/settings_reference.py -->"
END = "<!-- The end mark -->"
LINK = re.compile(r" \(\[.*?\]\(.*?\)\)")
"""A link to another page, which an editor could not follow."""
PHASES = Section("phases", "Where the phases of the program begin.", (PHASE,))
PROFILES = """\
### `[profiles.NAME.…]`

Other values for any of these sections, chosen by `--profile NAME`: `[profiles.paper.trials]`."""


def main() -> None:
    """Write both files."""
    PAGE.write_text(page(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    SCHEMA.write_text(schema_text(), encoding="utf-8")


def page(text: str) -> str:
    """Return the text of the page with the reference between its marks."""
    before, _, rest = text.partition(START)
    _, _, after = rest.partition(END)
    sections = [_section(section) for section in (*SECTIONS, PHASES)]
    return "\n\n".join([f"{before}{START}", *sections, PROFILES, f"{END}{after}"])


def _section(section: Section) -> str:
    name = f"{section.name}.NAME" if section.named else section.name
    title = f"[[{name}]]" if section.listed else f"[{name}]"
    head = "| key | value | default | meaning |\n|---|---|---|---|"
    rows = "\n".join(map(_row, section.keys))
    return f"### `{title}`\n\n{section.meaning}\n\n{head}\n{rows}"


def _row(key: Key) -> str:
    default = "required" if key.required else key.without or f"`{toml(key.default)}`"
    return f"| `{key.name}` | {key.kind.name} | {default} | {key.meaning} |"


def schema_text() -> str:
    """Return the JSON schema as text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False) + "\n"


def schema() -> dict[str, Any]:
    """Return the JSON schema of a settings file, Draft 2020-12."""
    tables = {section.name: _table(section) for section in SECTIONS}
    required = {section.name: _required(section) for section in SECTIONS}
    tables[PHASES.name] = {
        "description": PHASES.meaning,
        "type": "object",
        "additionalProperties": _value(PHASE),
    }
    references = {name: {"$ref": f"#/$defs/{name}"} for name in tables}
    profile = {"type": "object", "properties": references, "additionalProperties": False}
    whole = {name: {**references[name], **required.get(name, {})} for name in tables}
    profiles = {
        "description": "Other values for any of these sections, chosen by `--profile NAME`.",
        "type": "object",
        "additionalProperties": profile,
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "trainwreck.toml",
        "description": "The settings of trainwreck for one program.",
        "type": "object",
        "properties": {**whole, "profiles": profiles},
        "required": ["subject", "metrics"],
        "additionalProperties": False,
        "$defs": tables,
    }


def _table(section: Section) -> dict[str, Any]:
    keys = {
        "type": "object",
        "properties": {key.name: _value(key) for key in section.keys},
        "additionalProperties": False,
    }
    if section.named:
        keys = {"type": "object", "additionalProperties": keys, "minProperties": 1}
    if section.listed:
        keys = {"type": "array", "items": keys}
    return {"description": LINK.sub("", section.meaning), **keys}


def _required(section: Section) -> dict[str, Any]:
    """Return which keys must be there; in a profile none need be."""
    names = [key.name for key in section.keys if key.required]
    return {"required": names} if names else {}


def _value(key: Key) -> dict[str, Any]:
    described = {"description": LINK.sub("", key.meaning), **key.kind.schema}
    if key.default not in (None, "", {}):
        described["default"] = key.default
    if key.example:
        described["examples"] = [tomllib.loads(f"value = {key.example}")["value"]]
    return described


if __name__ == "__main__":
    main()
