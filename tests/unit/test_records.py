"""Records and facts are read as they were written, and wrong ones are told with their field."""

import json
import zlib
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from build import failure, mutant, outcome
from trainwreck.exchange.records import (
    CleanRecord,
    ErrorRecord,
    MetricRecord,
    MutantRecord,
    RunRecord,
    SubjectRecord,
    number_of,
)
from trainwreck.exchange.relocate import relocation
from trainwreck.model import (
    Ending,
    Exit,
    Frame,
    Impact,
    OperatorCode,
    Outcome,
    PhaseTime,
    PlannedMutant,
    Report,
    Rung,
    Symptom,
)
from trainwreck.store.facts import check_row, log_content, log_fields, relocated_json
from trainwreck.store.json_lines import BadLine, decode, encode, kind_of
from trainwreck.store.nouns import MUTANT, OUTCOME, mutant_row, outcome_of, outcome_row
from trainwreck.store.rows import ROWS, LogFact, MutantRow

WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
NUMBERS = st.one_of(FLOATS, st.sampled_from(["inf", "-inf", "nan"]), st.none())
COUNTS = st.integers(0, 2**63 - 1)
MAYBE = st.none()
RUN_FIELDS: dict[str, Any] = {
    "seed": st.one_of(MAYBE, st.integers(-5, 5)),
    "fold": st.integers(0, 3),
    "metrics": st.dictionaries(WORDS, NUMBERS, max_size=3),
    "seconds": NUMBERS,
    "cpu_seconds": NUMBERS,
    "digest": st.one_of(MAYBE, WORDS),
    "exit": st.sampled_from([None, "exited 0", "signal 9"]),
    "series": st.dictionaries(WORDS, st.lists(st.one_of(FLOATS, WORDS)).map(tuple), max_size=2),
    "log": st.one_of(MAYBE, WORDS),
}
RUNS = st.builds(RunRecord, **RUN_FIELDS, purpose=st.sampled_from(["mutant", "audit"]))
CLEAN = st.builds(CleanRecord, **RUN_FIELDS, purpose=st.sampled_from(["clean", "probe"]))
ERRORS = st.builds(ErrorRecord, type=WORDS, message=WORDS, line=st.integers(1, 9), cause=WORDS)
MUTANTS = st.builds(
    MutantRecord,
    operator=st.sampled_from(OperatorCode),
    symptom=st.one_of(MAYBE, st.sampled_from(Symptom)),
    file=WORDS,
    line=st.integers(1, 10**9),
    id=st.one_of(MAYBE, WORDS),
    column=st.one_of(MAYBE, COUNTS),
    phases=st.one_of(MAYBE, st.lists(WORDS, max_size=2).map(tuple)),
    rung=st.one_of(MAYBE, st.sampled_from(Rung)),
    impact=st.lists(st.sampled_from(Impact), max_size=2).map(tuple),
    certainty=st.one_of(MAYBE, WORDS),
    hits=st.one_of(MAYBE, COUNTS),
    runs=st.lists(RUNS, max_size=2).map(tuple),
    error=st.one_of(MAYBE, ERRORS),
)
SUBJECTS = st.builds(
    SubjectRecord,
    name=st.one_of(MAYBE, WORDS),
    metrics=st.lists(
        st.one_of(WORDS, st.builds(MetricRecord, name=WORDS, range=st.tuples(FLOATS, FLOATS)))
    ).map(tuple),
    versions=st.one_of(MAYBE, st.dictionaries(WORDS, st.one_of(MAYBE, WORDS), max_size=2)),
    planned=st.one_of(MAYBE, COUNTS),
)


@given(st.one_of(SUBJECTS, CLEAN, MUTANTS))
def test_a_record_is_read_as_it_was_written(record: Any) -> None:
    line = encode("k", msgspec.to_builtins(record))
    assert kind_of(line) == "k"
    assert decode(line, type(record)) == record


TIMES = st.floats(0, 1e6)
TEXTS = st.text(max_size=6)
STEPS = st.dictionaries(WORDS, st.lists(FLOATS.map(str), max_size=3).map(tuple), max_size=2)
FAILURES = st.builds(
    failure,
    kind=TEXTS,
    message=TEXTS,
    frames=st.lists(st.builds(Frame, WORDS, st.integers(0, 99), WORDS), max_size=2).map(tuple),
)
OUTCOMES = st.builds(
    outcome,
    exit=st.builds(Exit, st.sampled_from(Ending), st.integers(-9, 255)),
    seconds=FLOATS,
    cpu_seconds=TIMES,
    peak_rss=COUNTS,
    hits=st.one_of(MAYBE, COUNTS),
    steps=STEPS,
    parameters=st.one_of(MAYBE, WORDS),
    error=st.one_of(MAYBE, FAILURES),
    phases=st.lists(st.builds(PhaseTime, WORDS, TIMES, TIMES, COUNTS), max_size=2).map(tuple),
    stack=WORDS,
    work=st.dictionaries(WORDS, COUNTS, max_size=2),
    reports=st.lists(
        st.builds(Report, st.lists(WORDS, max_size=2).map(tuple), TIMES, TIMES, COUNTS), max_size=2
    ).map(tuple),
    states=st.dictionaries(WORDS, WORDS, max_size=2),
    first_hit=st.one_of(MAYBE, TIMES),
    settled=st.sampled_from(["", "horizon"]),
)
RUN_COLUMNS: dict[str, Any] = {
    "number": 1,
    "trial_id": "trial",
    "kind": "clean",
    "seed": 0,
    "fold": 0,
    "repeat": 0,
    "mutant_id": None,
    "opaque": '["builtins.generator"]',
    "environment": "e",
}


def run_row(run: Outcome, **changes: Any) -> bytes:
    columns = {**RUN_COLUMNS, **dict(zip(OUTCOME.names, outcome_row(run), strict=True)), **changes}
    return msgspec.json.encode(columns)


@given(OUTCOMES)
def test_the_fact_of_a_run_is_read_as_it_was_written(run: Outcome) -> None:
    row = msgspec.json.decode(run_row(run), type=ROWS["run"])
    check_row(row)
    values = [getattr(row, name) for name in OUTCOME.names]
    assert outcome_of("trial", values) == run


@pytest.mark.parametrize(
    ("changes", "column"),
    [
        ({"seconds": "2"}, "seconds"),
        ({"seed": 2**63}, "seed"),
        ({"planted": 2}, "planted"),
        ({"ending": "tired"}, "ending"),
        ({"kind": "other"}, "kind"),
        ({"steps": "{"}, "steps"),
        ({"steps": '{"accuracy": [1]}'}, "steps"),
        ({"steps": '{"accuracy": ["0.5", "much"]}'}, "much"),
        ({"error": '["E", "m"]'}, "error"),
        ({"phases": '[["learning"]]'}, "phases"),
        ({"work": '{"epochs": "5"}'}, "work"),
        ({"reports": "[[]]"}, "reports"),
        ({"settled": "luck"}, "settled"),
        ({"settled": "cut"}, "states"),
        ({"settled": "cut", "phases": "[]"}, "states"),
        ({"extra": 1}, "extra"),
    ],
)
def test_a_wrong_column_of_a_run_is_named(changes: dict[str, Any], column: str) -> None:
    with pytest.raises(ValueError, match=column):
        check_row(msgspec.json.decode(run_row(outcome(), **changes), type=ROWS["run"]))


@given(st.binary())
def test_a_log_is_read_as_it_was_written(log: bytes) -> None:
    fields = log_fields("trial", zlib.compress(log), str)
    row = msgspec.json.decode(msgspec.json.encode(fields), type=LogFact)
    assert zlib.decompress(log_content(row)) == log


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        (b"{", "truncated"),
        (b"[]", "Expected `object`"),
        (b'"mutant"', "Expected `object`"),
        (b'{"id": 1}', "`kind`"),
        (b'{"kind": 1}', "at `$.kind`"),
        (b'{"kind": "mutant", "seconds": NaN}', "malformed"),
        (b'{"kind": "mutant"} {', "trailing"),
        (b'{"kind": "\xff"}', "utf-8"),
        (b'{"kind": "mutant", "x": ' + b"[" * 100_000, "recursion"),
    ],
)
def test_a_line_that_is_no_record_says_so(line: bytes, problem: str) -> None:
    with pytest.raises(BadLine, match=problem.replace("$", r"\$")):
        kind_of(line)


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"operator": " "}, r"at `\$.operator`"),
        ({"symptom": "dead"}, r"at `\$.symptom`"),
        ({"line": "7"}, r"Expected `int`, got `str` - at `\$.line`"),
        ({"line": 0}, r">= 1 - at `\$.line`"),
        ({"file": None}, r"at `\$.file`"),
        ({"runs": [{}, {"seed": 1.5}]}, r"at `\$.runs\[1\].seed`"),
        ({"runs": [{"metrics": {"accuracy": []}}]}, r"at `\$.runs\[0\].metrics\[...\]`"),
    ],
)
def test_a_wrong_field_of_a_record_is_named(change: dict[str, Any], field: str) -> None:
    least = {"operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 7}
    assert decode(encode("mutant", least), MutantRecord).line == 7
    with pytest.raises(BadLine, match=field):
        decode(encode("mutant", {**least, **change}), MutantRecord)


@pytest.mark.parametrize("field", ["operator", "symptom", "file", "line"])
def test_what_a_mutant_must_tell_is_missed(field: str) -> None:
    least = {"operator": "ArOR", "symptom": "crash", "file": "a.py", "line": 7}
    del least[field]
    with pytest.raises(BadLine, match=f"missing required field `{field}`"):
        decode(encode("mutant", least), MutantRecord)


def test_numbers_may_be_texts() -> None:
    assert [number_of(value) for value in (None, 1, "inf", "-inf")] == [
        None,
        1.0,
        float("inf"),
        float("-inf"),
    ]
    with pytest.raises(ValueError, match="much"):
        number_of("much")


def test_a_mutant_whose_id_is_another_ones_is_refused() -> None:
    row = MutantRow(1, *mutant_row(PlannedMutant(mutant(), ("learning",))))
    assert row.columns()[1:] == MUTANT.names
    check_row(row)
    for changes, column in (
        ({"id": "0" * 16}, "`id`"),
        ({"operator": "XYZ"}, "`id`"),
        ({"edits": "[]"}, "`edits`"),
        ({"edits": "[[1]]"}, "`edits`"),
        ({"evaluated_end": None}, "`evaluated_end`"),
    ):
        with pytest.raises(ValueError, match=column):
            check_row(msgspec.structs.replace(row, **changes))


@pytest.mark.parametrize(
    ("value", "problem"),
    [('{"alpha": "a"}', "float"), ('{"beta": 1}', "unknown field `beta`")],
)
def test_a_meta_row_with_wrong_verdict_settings_is_refused(value: str, problem: str) -> None:
    row = ROWS["meta"](key="verdicts", value='{"alpha": 0.1}')
    check_row(row)
    with pytest.raises(ValueError, match=problem):
        check_row(msgspec.structs.replace(row, value=value))


@pytest.mark.parametrize(
    "value", ["{}", "[[]]", '[{"level": "iron"}]', '[{"level": "strict", "means": "hope"}]', "[{}]"]
)
def test_a_meta_row_with_an_unknown_containment_is_refused(value: str) -> None:
    check_row(ROWS["meta"](key="containment", value='[{"level": "copy"}]'))
    with pytest.raises(ValueError, match="`containment`"):
        check_row(ROWS["meta"](key="containment", value=value))


FOLDERS = {"app": "/home/anna/code", "keras": "/venv/lib", "numpy": "/venv/lib"}


@pytest.mark.parametrize(
    ("text", "there"),
    [
        ("/home/anna/code/train.py", "<app>/train.py"),
        ("in /home/anna/code.", "in <app>."),
        ("'/venv/lib/keras/a.py', line 3", "'<keras>/keras/a.py', line 3"),
        ("/venv/lib/numpy/a.py", "<numpy>/numpy/a.py"),
        ("/venv/lib/absl/a.py", "<keras>/absl/a.py"),
        ("-I/venv/lib/numpy file:///venv/lib", "-I<numpy>/numpy file://<keras>"),
        ("/home/anna/code2/a.py", "/home/anna/code2/a.py"),
        ("/home/anna/code-old/a.py", "/home/anna/code-old/a.py"),
        ("/mnt/home/anna/code/a.py", "/mnt/home/anna/code/a.py"),
        ("src/venv/lib/a.py", "src/venv/lib/a.py"),
        ("/data/camp/work/3/app/train.py", "<campaign>/work/3/app/train.py"),
        (
            "/opt/tw/agent/trainwreck_agent/launch.py",
            "<trainwreck>/agent/trainwreck_agent/launch.py",
        ),
    ],
)
def test_paths_of_the_machine_become_names(text: str, there: str) -> None:
    relocate = relocation(FOLDERS)
    assert relocate(text) == there
    assert relocate(there) == there
    assert relocation({})(text) == text


def test_paths_within_json_become_names_and_the_rest_stays() -> None:
    relocate = relocation({"app": "/home/é"})
    told = json.dumps(["E", "line\n/home/é/a.py", [["/home/é/b.py", 1]], {"/home/é": None}])
    moved = json.loads(relocated_json(told, relocate))
    assert moved == ["E", "line\n<app>/a.py", [["<app>/b.py", 1]], {"<app>": None}]
    assert relocated_json('{"a":1}', relocate) == '{"a":1}'


def test_a_subject_may_name_its_metrics_alone() -> None:
    line = encode("subject", {"metrics": ["loss", {"name": "accuracy", "range": [0, 1]}]})
    assert decode(line, SubjectRecord).metrics == (
        "loss",
        MetricRecord(name="accuracy", range=(0.0, 1.0)),
    )
