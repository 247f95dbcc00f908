"""``schema.sql`` and ``store/rows.py`` describe the same tables, and old files are checked."""

import sqlite3
import types
from collections.abc import Callable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, Union, get_args, get_origin, get_type_hints

import pytest

from build import ENVIRONMENT, failure, outcome
from trainwreck.errors import UsageError
from trainwreck.model import Frame, PhaseTime, Report, Selection, Trial, TrialKind
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile
from trainwreck.store.columns import Json, JsonText, Paths, TableRow
from trainwreck.store.opening import LATER, SCHEMA
from trainwreck.store.rows import DUMPED, ROWS
from trainwreck.store.seals import SEAL

FORMAT_3 = Path(__file__).parents[1] / "format_3" / "campaign.sql"
UNIONS = (Union, types.UnionType)
SQL_TYPES = {str: "TEXT", int: "INTEGER", float: "REAL", bytes: "BLOB"}
CLEAN = Trial("s", TrialKind.CLEAN, 0)


@pytest.fixture
def schema() -> sqlite3.Connection:
    connection = sqlite3.connect(":memory:")
    connection.executescript(SCHEMA.read_text())
    return connection


def sql_type(hint: Any) -> tuple[str, bool]:
    """The type of a column in SQL, and whether it may be NULL."""
    if get_origin(hint) is Annotated:
        return sql_type(get_args(hint)[0])
    if get_origin(hint) in UNIONS:
        inner, none = get_args(hint)
        assert none is types.NoneType
        return sql_type(inner)[0], True
    return SQL_TYPES[str if issubclass(hint, Enum) else hint], False


@pytest.mark.parametrize("table", ROWS)
def test_schema_has_the_columns_types_and_nullability_of_rows(
    schema: sqlite3.Connection, table: str
) -> None:
    hints = get_type_hints(ROWS[table], include_extras=True)
    columns = [
        (name, kind, not (not_null or key))
        for _, name, kind, not_null, _, key in schema.execute(f"PRAGMA table_info({table})")
    ]
    assert columns == [(name, *sql_type(hints[name])) for name in ROWS[table].columns()]


def test_schema_has_no_table_without_a_row_type(schema: sqlite3.Connection) -> None:
    tables = {name for (name,) in schema.execute("SELECT name FROM sqlite_master WHERE sql <> ''")}
    assert tables - {"run_by_mutant", SEAL} == set(ROWS)


@pytest.mark.parametrize("row", DUMPED, ids=lambda row: row.table)
def test_the_dump_order_of_rows_decides_between_any_two(
    schema: sqlite3.Connection, row: type[TableRow]
) -> None:
    keys = [each for each in schema.execute(f"PRAGMA table_info({row.table})") if each[5]]
    ordered = ", ".join(each[1] for each in sorted(keys, key=lambda each: each[5]))
    assert row.order == ordered


def test_the_columns_of_rows_with_paths_are_texts() -> None:
    marked = {table: set(row.marks(Paths)) for table, row in ROWS.items() if row.marks(Paths)}
    assert marked == {
        "meta": {"value"},
        "frame": {"problem"},
        "run": {"error", "stack", "opaque"},
        "probe": {"example", "doubt"},
        "observation": {"value"},
    }
    assert set(ROWS["run"].marks(Json)) > {"steps", "phases", "reports"}


@pytest.mark.parametrize(
    ("kind", "value", "text"),
    [
        (dict[str, tuple[str, ...]], {"a": ("nan",)}, '{"a": ["nan"]}'),
        (
            tuple[PhaseTime, ...],
            (PhaseTime("é", 1.0, float("inf"), 3),),
            '[["\\u00e9", 1.0, Infinity, 3]]',
        ),
        (tuple[Report, ...], (Report(("a", "b"), 1.0, 2.0, 3),), '[[["a", "b"], 1.0, 2.0, 3]]'),
        (
            type(failure()),
            failure(message="\ud800", frames=[Frame("a.py", 1, "f")]),
            '["ValueError", "\\ud800", [["a.py", 1, "f"]], null]',
        ),
        (PhaseTime | None, None, "null"),
        (list[int], [1], "[1]"),
    ],
)
def test_json_text_writes_dataclasses_as_arrays_and_reads_them(
    kind: Any, value: Any, text: str
) -> None:
    column = JsonText(kind)
    assert column.encode(value) == text
    assert column.decode(text) == value


@pytest.mark.parametrize("text", ["[[1, 2]]", '[["a", 1.0, 1.0, "3"]]', "{}", "[", "NaN"])
def test_json_text_refuses_another_type(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        JsonText(tuple[PhaseTime, ...]).decode(text)


def at_version(version: int, *statements: str) -> Callable[[sqlite3.Connection], None]:
    def change(connection: sqlite3.Connection) -> None:
        for statement in (*statements, f"PRAGMA user_version = {version}"):
            connection.execute(statement)

    return change


def empty(connection: sqlite3.Connection) -> None:
    for name in ROWS:
        connection.execute(f"DROP TABLE {name}")
    at_version(0)(connection)


INTERRUPTED = "is incomplete: its creation was interrupted"
HALF_MIGRATED = {
    "a table is missing": (at_version(4, "DROP TABLE probe"), "damaged: it has no table `probe`"),
    "the table of runs is missing": (at_version(4, "DROP TABLE run"), "has no table `run`"),
    "a column is missing": (
        at_version(4, "ALTER TABLE run DROP COLUMN settled"),
        "damaged: its table `run` has no column `settled`",
    ),
    "two columns are missing": (
        at_version(4, *(f"ALTER TABLE run DROP COLUMN {name}" for name in ("states", "opaque"))),
        "its table `run` has no column `states`, `opaque`",
    ),
    "a later table is another one": (
        at_version(4, "ALTER TABLE observation RENAME COLUMN value TO content"),
        "its table `observation` has no column `value`",
    ),
    "an older format": (at_version(2), r"another version of trainwreck \(format 2, this is 4\)"),
    "a newer format": (at_version(5), r"another version of trainwreck \(format 5, this is 4\)"),
    "a creation stopped before its last step": (at_version(0), INTERRUPTED),
    "a creation stopped among the tables": (
        at_version(0, "DROP TABLE log", "DROP TABLE observation", "DROP TABLE run"),
        INTERRUPTED,
    ),
    "tables of another program": (
        at_version(0, "CREATE TABLE theirs (x)"),
        r"another version of trainwreck \(format 0",
    ),
}


@pytest.mark.parametrize("create", [False, True], ids=["to read", "to write"])
@pytest.mark.parametrize("name", HALF_MIGRATED)
def test_opening_a_half_migrated_file_gives_one_message(
    tmp_path: Path, name: str, create: bool
) -> None:
    change, problem = HALF_MIGRATED[name]
    with CampaignFile.open(tmp_path, create=True):
        pass
    path = tmp_path / FILE_NAME
    connection = sqlite3.connect(path)
    change(connection)
    connection.close()
    before = path.read_bytes()
    with pytest.raises(UsageError, match=problem) as error, CampaignFile.open(tmp_path, create):
        pass
    assert str(path) in error.value.what
    assert error.value.hint
    assert path.read_bytes() == before


def test_opening_a_file_that_was_never_filled_creates_it_or_says_so(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).touch()
    with pytest.raises(UsageError, match=INTERRUPTED), CampaignFile.open(tmp_path):
        pass
    with CampaignFile.open(tmp_path, create=True) as file:
        assert file.planned_number() == 0


def test_opening_leaves_an_empty_file_where_the_creation_is_interrupted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = SCHEMA.read_text()
    (tmp_path / "schema.sql").write_text(whole.replace("CREATE TABLE log", "CREATE TABLE log log"))
    with monkeypatch.context() as patch:
        patch.setattr("trainwreck.store.opening.SCHEMA", tmp_path / "schema.sql")
        with pytest.raises(UsageError), CampaignFile.open(tmp_path, create=True):
            pass
    with CampaignFile.open(tmp_path, create=True) as file:
        assert file.planned_number() == 0


@pytest.fixture
def format_3(tmp_path: Path) -> Path:
    """A campaign that was made before the tables of ``LATER``."""
    with sqlite3.connect(tmp_path / FILE_NAME) as connection:
        connection.executescript(FORMAT_3.read_text())
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master")}
    assert tables.isdisjoint(LATER)
    return tmp_path


def test_format_3_without_observations_is_read_as_it_is(format_3: Path) -> None:
    before = (format_3 / FILE_NAME).read_bytes()
    with CampaignFile.open(format_3) as file:
        outcomes = list(file.outcomes(*TrialKind))
        assert outcomes
        assert all(run.observations == {} for *_, run in outcomes)
        assert file.observations("gradients") == {}
        assert file.chosen() == []
        assert list(file.first_runs(Selection.CHOSEN)) == []
        assert "observation" not in {table for table, _ in file.dump(str)}
    assert (format_3 / FILE_NAME).read_bytes()[100:] == before[100:]


def test_format_3_gets_the_table_of_observations_when_opened_to_write(format_3: Path) -> None:
    with CampaignFile.open(format_3) as file:
        facts = list(file.dump(str, logs=True))
    with CampaignFile.open(format_3, create=True) as file:
        assert list(file.dump(str, logs=True)) == facts
        run = outcome(trial_id=CLEAN.id, observations={"gradients": [1, None]})
        file.add_run(CLEAN, run, b"", ENVIRONMENT)
    with CampaignFile.open(format_3) as file:
        assert file.observations("gradients") == {CLEAN.id: [1, None]}
