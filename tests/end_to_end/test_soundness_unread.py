"""Small modules by chance: a constant that counts as unread changes nothing that a program does."""

import importlib
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from build import mutants_of, source_of
from probing import HERE, called, probe, written
from trainwreck.model import Mutant, unread_key
from trainwreck.mutants.instrument import probe_text

VALUES = st.sampled_from(
    ["1", "-2", "True", "0.5", "(1, 2)", "[1, [2, False]]", "{1: 'a', 2: 'b'}", "{'k': 1}", "1, 2"]
)
CONSTANTS = st.tuples(*(VALUES.map(f"{name} = {{}}".format) for name in "ABCDEF"))
NAMES = st.sampled_from("ABC")
PARTS = st.one_of(
    st.builds("def f():\n    return {}".format, NAMES),
    st.builds("def g(x={}):\n    return x".format, NAMES),
    st.builds("def h():\n    global {0}\n    return [{0} for k in (0,)]".format, NAMES),
    st.builds("def s(A):\n    return A".format),
    st.builds("class K:\n    k = {}".format, NAMES),
    st.builds("if str({}):\n    D = 3".format, NAMES),
    st.builds("def q(x: {} = 1):\n    return x".format, NAMES),
    st.builds("def m():\n    return str(f'{{{}}}')".format, NAMES),
    st.builds("{} = {}".format, NAMES, NAMES),
    st.builds("def w():\n    return sorted(globals())".format),
)
READERS = st.one_of(
    st.sampled_from(["f", "g", "h", "m", "w", "q"]).map("note(module.{}())".format),
    NAMES.map("note(module.{})".format),
    NAMES.map("note(getattr(module, '{}'[:1]))".format),
    NAMES.map("from unread_module import {0} as z; note(z)".format),
    NAMES.map("module.{} = 7".format),
    NAMES.map("note(hasattr(module, '{}'))".format),
    st.just("note(module.K.k)"),
    st.just("note(module.s(3))"),
    st.just("note(module.q.__annotations__)"),
    st.just("note({k: v for k, v in vars(module).items() if len(k) == 1 and k in 'ABCDEF'})"),
    st.just("note([k for k in dir(module) if len(k) == 1])"),
    st.just("from unread_module import *; note(A)"),
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return tmp_path


def run(folder: Path, text: str, readers: list[str]) -> list[str]:
    """What a program notes that imports a module of this text."""
    (folder / "unread_module.py").write_text(text)
    sys.modules.pop("unread_module", None)
    importlib.invalidate_caches()
    log: list[str] = []
    try:
        space: dict[str, Any] = {"module": importlib.import_module("unread_module")}
    except Exception as error:  # noqa: BLE001
        return [repr(error)]
    space["note"] = lambda value: log.append(repr(value).replace("<function", "")[:200])
    for reader in readers:
        try:
            exec(reader, space)
        except Exception as error:  # noqa: BLE001
            log.append(type(error).__name__)
    return log


def unread_in(folder: Path, text: str, readers: list[str]) -> list[Mutant]:
    """The mutants of constants that the clean program stores and is not seen to read."""
    mutants = mutants_of(text)
    probed = probe_text(source_of(text), mutants, HERE, 0)
    probes = probe.Probes(list(probed.groups))
    clean = run(folder, text, readers)
    with called(probes):
        assert run(folder, probed.text, readers) == clean
    record = written(probes)
    stored = {
        key
        for number, group in enumerate(probed.groups)
        if group["kind"] == "unread" and record["counts"][number]
        for key in group["mutants"]
        if key not in record["differing"]
    }
    return [mutant for mutant in mutants if unread_key(mutant.id) in stored]


def test_a_constant_that_counts_as_unread_changes_nothing(folder: Path) -> None:
    found: Counter[str] = Counter()

    @settings(
        max_examples=120, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck)
    )
    @given(CONSTANTS, st.lists(PARTS, max_size=3), st.lists(READERS, min_size=1, max_size=3))
    def check(constants: tuple[str, ...], parts: list[str], readers: list[str]) -> None:
        text = "".join(f"{part}\n" for part in (*constants, *parts))
        clean = run(folder, text, readers)
        for mutant in unread_in(folder, text, readers):
            assert run(folder, mutant.apply(text), readers) == clean, mutant.name
            found["unread"] += 1
            found["of a name that may be read"] += mutant.span.line <= len("ABC")

    check()
    assert found["unread"] > 300, found
    assert found["of a name that may be read"] > 30, found
