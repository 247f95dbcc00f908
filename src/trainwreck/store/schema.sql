-- One campaign. Facts only: symptoms, rungs and tables are computed from them when asked for.
-- Read it with any SQL program; written by trainwreck alone.

-- Settings, sources, versions of the libraries: one JSON value per key.
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;

-- How the planned mutants of each file were chosen.
CREATE TABLE frame (
    root           TEXT NOT NULL,
    file           TEXT NOT NULL,
    nodes          INTEGER NOT NULL,
    mutants        INTEGER NOT NULL,
    dropped        INTEGER NOT NULL,
    executed_nodes INTEGER NOT NULL,
    executed       INTEGER NOT NULL,
    planned_nodes  INTEGER NOT NULL,
    planned        INTEGER NOT NULL,
    problem        TEXT NOT NULL,
    PRIMARY KEY (root, file)
) WITHOUT ROWID;

-- Lines that a measured clean run executes, with the phases, joined by commas.
CREATE TABLE executed (
    root   TEXT NOT NULL,
    file   TEXT NOT NULL,
    line   INTEGER NOT NULL,
    phases TEXT NOT NULL,
    PRIMARY KEY (root, file, line)
) WITHOUT ROWID;

-- The planned mutants in the order in which they run. Offsets are in characters of the decoded
-- text; edits is JSON: [[start, end, line, column, end_line, end_column, original, replacement], …].
CREATE TABLE mutant (
    position        INTEGER PRIMARY KEY,
    id              TEXT NOT NULL UNIQUE,
    root            TEXT NOT NULL,
    file            TEXT NOT NULL,
    module          TEXT NOT NULL,
    function        TEXT NOT NULL,
    operator        TEXT NOT NULL,
    edits           TEXT NOT NULL,
    source_sha      TEXT NOT NULL,
    context         TEXT NOT NULL,
    anchor          TEXT NOT NULL,
    first_line      INTEGER NOT NULL,
    last_line       INTEGER NOT NULL,
    evaluated_start INTEGER,
    evaluated_end   INTEGER,
    phases          TEXT NOT NULL
);

-- The size of every file that may be mutated, as coverage.py counts statements.
CREATE TABLE source (
    root       TEXT NOT NULL,
    file       TEXT NOT NULL,
    statements INTEGER,
    executed   INTEGER,
    PRIMARY KEY (root, file)
) WITHOUT ROWID;

-- What runs were made in; packages is JSON: {name: version}.
CREATE TABLE environment (
    id       TEXT PRIMARY KEY,
    python   TEXT NOT NULL,
    packages TEXT NOT NULL
) WITHOUT ROWID;

-- Every run that ended, with its facts. steps, error, phases, work, reports, states and opaque are
-- JSON; settled is the rule by which a run was ended early, or empty. The rule `cut`, which no longer
-- exists, filled states and opaque; newer runs leave both empty.
CREATE TABLE run (
    number      INTEGER PRIMARY KEY,
    trial_id    TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    seed        INTEGER NOT NULL,
    fold        INTEGER NOT NULL,
    repeat      INTEGER NOT NULL,
    mutant_id   TEXT,
    ending      TEXT NOT NULL,
    code        INTEGER NOT NULL,
    seconds     REAL NOT NULL,
    cpu_seconds REAL NOT NULL,
    peak_rss    INTEGER NOT NULL,
    hits        INTEGER,
    steps       TEXT NOT NULL,
    parameters  TEXT,
    error       TEXT,
    phases      TEXT NOT NULL,
    planted     INTEGER NOT NULL,
    stack       TEXT NOT NULL,
    overhead    REAL NOT NULL,
    work        TEXT NOT NULL,
    reports     TEXT NOT NULL,
    checkpoint  TEXT,
    states      TEXT NOT NULL,
    opaque      TEXT NOT NULL,
    first_hit   REAL,
    settled     TEXT NOT NULL,
    environment TEXT NOT NULL
);
-- What is asked of all runs of all mutants is found without reading the runs themselves.
CREATE INDEX run_by_mutant ON run (mutant_id, number, kind, seed, fold, repeat, cpu_seconds);

-- What an instrumented clean run tells of a mutant; counts is JSON.
CREATE TABLE probe (
    mutant_id   TEXT PRIMARY KEY,
    trial_id    TEXT NOT NULL,
    kind        TEXT NOT NULL,
    evaluations INTEGER NOT NULL,
    differing   INTEGER NOT NULL,
    example     TEXT NOT NULL,
    counts      TEXT NOT NULL,
    hits        INTEGER NOT NULL,
    doubt       TEXT NOT NULL
) WITHOUT ROWID;

-- Whether a mutant compiles to the bytecode of the clean file.
CREATE TABLE same_code (
    mutant_id TEXT PRIMARY KEY,
    same      INTEGER NOT NULL
) WITHOUT ROWID;

-- Head and tail of what a run printed, compressed by zlib.
CREATE TABLE log (
    trial_id TEXT PRIMARY KEY,
    content  BLOB NOT NULL
) WITHOUT ROWID;

-- What the agent observed in a run under a name of its own; value is JSON. Files that were made
-- before this table get it when they are opened for writing, so the format number stays.
CREATE TABLE IF NOT EXISTS observation (
    trial_id TEXT NOT NULL,
    name     TEXT NOT NULL,
    value    TEXT NOT NULL,
    PRIMARY KEY (trial_id, name)
) WITHOUT ROWID;

-- From which strata the planned mutants of each file were drawn: mutants on executed lines, those
-- that are planned, and the chance of a node to be drawn. Annotations that were left out have
-- chance 0. Older files get this table when they are opened for writing.
CREATE TABLE IF NOT EXISTS stratum (
    root    TEXT NOT NULL,
    file    TEXT NOT NULL,
    stratum TEXT NOT NULL,
    mutants INTEGER NOT NULL,
    planned INTEGER NOT NULL,
    chance  REAL NOT NULL,
    PRIMARY KEY (root, file, stratum)
) WITHOUT ROWID;

-- Mutants that somebody chose, in the order in which they were chosen, and bugs that users describe
-- (own = 1). They are no sample. parts is JSON: one array for each changed file, [[root, file,
-- module, function, operator, edits, source_sha, context, anchor, [first_line, last_line],
-- evaluated, counted], …], edits as in table mutant but with [start, …, end_column] in an array of
-- its own. Older files get this table when they are opened for writing.
CREATE TABLE IF NOT EXISTS chosen (
    position INTEGER PRIMARY KEY,
    id       TEXT NOT NULL UNIQUE,
    parts    TEXT NOT NULL,
    phases   TEXT NOT NULL,
    own      INTEGER NOT NULL,
    label    TEXT NOT NULL,
    link     TEXT NOT NULL
);

-- By what and on what the runs of an environment were made; origin is JSON: {name: text}. Older files
-- get this table when they are opened for writing.
CREATE TABLE IF NOT EXISTS origin (
    environment TEXT PRIMARY KEY,
    origin      TEXT NOT NULL
) WITHOUT ROWID;

-- The seal of every unit of rows of the other tables (a run, its output, one file's executed lines):
-- the number of its rows, and the sum of their digests modulo 2^128, big end first. The digest of a
-- row is BLAKE2b of 16 bytes over its columns as a MessagePack array. Since format 4.
CREATE TABLE IF NOT EXISTS seal (
    of_table TEXT NOT NULL,
    unit     TEXT NOT NULL,
    rows     INTEGER NOT NULL,
    digest   BLOB NOT NULL,
    PRIMARY KEY (of_table, unit)
) WITHOUT ROWID;
