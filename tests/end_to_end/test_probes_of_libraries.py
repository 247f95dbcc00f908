"""Whole libraries compile with a probe at every place that can have one."""

import ast
import importlib.util
from pathlib import Path

import pytest

from build import listing_of, source_of
from probing import HERE, compiled, line_sets
from trainwreck.mutants.instrument import probe_text

TABLES = "_unicode_data"
"""A folder of rich: half of its text, the same table of numbers for each version of Unicode."""


@pytest.mark.parametrize("library", ["parso", "rich", "psutil"])
def test_every_file_of_a_library_compiles_with_all_of_its_probes(library: str) -> None:
    spec = importlib.util.find_spec(library)
    assert spec is not None
    assert spec.origin is not None
    watched = 0
    for path in sorted(Path(spec.origin).parent.rglob("*.py")):
        if path.parent.name == TABLES and path.name != "__init__.py":
            continue
        text = path.read_text(encoding="utf-8")
        probed = probe_text(source_of(text), listing_of(text).mutants, HERE, 0)
        compiled(probed.text)
        assert line_sets(ast.parse(probed.text)) == line_sets(ast.parse(text))
        watched += len(probed.watched)
    assert watched > 500
