"""The study behind docs/unguarded.md: its tests, and that the page has what its export says."""

import json
import lzma
import re

from guest import ROOT
from trainwreck.subject.settings_file import FILE_NAME, load_settings

FOLDER = ROOT / "studies" / "unguarded" / "scikit-learn"
EXPORT = ROOT / "results" / "unguarded" / "scikit-learn.jsonl.xz"
PAGE = (ROOT / "docs" / "unguarded.md").read_text(encoding="utf-8")


def answers() -> dict[str, dict[str, bool]]:
    """Return by check and mutant what the export says."""
    found: dict[str, dict[str, bool]] = {}
    with lzma.open(EXPORT, "rt", encoding="utf-8") as file:
        for record in map(json.loads, file):
            for check in record.get("checks", ()) if record["kind"] == "mutant" else ():
                found.setdefault(check["name"], {})[record["id"]] = check["noticed"]
    return found


def test_unguarded_checks_name_the_tests_that_are_there() -> None:
    checks = {check.name: check for check in load_settings(FOLDER / FILE_NAME).checks}
    files = {path.name for path in (FOLDER / "smallest").glob("test_*.py")}
    named = {check.command[-1] for name, check in checks.items() if name != "upstream"}
    assert named == {f"smallest/{file}" for file in files}
    assert set(answers()) <= set(checks)


def test_unguarded_page_has_each_bug_that_only_a_smallest_test_noticed() -> None:
    upstream = answers()["upstream"]
    only = {
        mutant
        for name, noticed in answers().items()
        for mutant, hit in noticed.items()
        if name.startswith("smallest-") and hit and upstream.get(mutant) is False
    }
    assert len(only) >= 3
    chapters = PAGE.partition("## The smallest test")[2].partition("## Bugs that the tests")[0]
    assert len(re.findall(r"^\* `_\w+\.py:\d+`", chapters, re.MULTILINE)) == len(only)
