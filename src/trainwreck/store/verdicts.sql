-- Verdicts of campaigns for readers with SQL, such as Datasette: computed when the file was written,
-- unlike the facts of a campaign file. `campaign` is a name, `mutant` an id.

CREATE TABLE campaign (
    name    TEXT PRIMARY KEY,
    planned INTEGER NOT NULL,           -- mutants of the plan
    judged  INTEGER NOT NULL            -- those of the sample that have run
);

-- Planned mutants, and those that somebody chose. Lines count from 1, columns from 0.
CREATE TABLE mutant (
    campaign    TEXT NOT NULL REFERENCES campaign (name),
    id          TEXT NOT NULL,
    root        TEXT NOT NULL,          -- `app`, or the import name of a library
    file        TEXT NOT NULL,
    module      TEXT NOT NULL,
    function    TEXT NOT NULL,
    operator    TEXT NOT NULL,
    line        INTEGER NOT NULL,
    "column"    INTEGER NOT NULL,
    end_line    INTEGER NOT NULL,
    end_column  INTEGER NOT NULL,
    original    TEXT,
    replacement TEXT,
    context     TEXT NOT NULL,
    phases      TEXT NOT NULL,          -- joined by commas
    name        TEXT NOT NULL,
    is_chosen   INTEGER NOT NULL,       -- 1: chosen by somebody, no part of the sample
    PRIMARY KEY (campaign, id)
);

-- The conclusion about each mutant that has run.
CREATE TABLE verdict (
    campaign   TEXT NOT NULL,
    mutant     TEXT NOT NULL,
    symptom    TEXT,                    -- NULL where the run proves nothing
    rung       TEXT,                    -- NULL where it is not known
    fate       TEXT NOT NULL,           -- unnoticed, hurts, may hurt, harmless, crash, hang, …
    compared   TEXT NOT NULL,           -- the parts of its result, joined by commas
    decided_by TEXT NOT NULL,           -- `run`, or a rule
    class      TEXT NOT NULL,           -- run, proven or assumed
    weight     REAL NOT NULL,           -- the mutants on executed lines that it stands for
    why        TEXT NOT NULL,
    PRIMARY KEY (campaign, mutant),
    FOREIGN KEY (campaign, mutant) REFERENCES mutant (campaign, id)
);

CREATE TABLE impact (
    campaign TEXT NOT NULL,
    mutant   TEXT NOT NULL,
    impact   TEXT NOT NULL,
    PRIMARY KEY (campaign, mutant, impact),
    FOREIGN KEY (campaign, mutant) REFERENCES mutant (campaign, id)
);

-- A propagated mutant's runs against clean ones, in each metric and in processor time.
CREATE TABLE comparison (
    campaign   TEXT NOT NULL,
    mutant     TEXT NOT NULL,
    measure    TEXT NOT NULL,
    runs       INTEGER NOT NULL,
    clean      INTEGER NOT NULL,
    difference REAL,                    -- of the means, buggy minus clean, with its interval
    low        REAL,
    high       REAL,
    p          REAL,                    -- corrected over all mutants and analyses
    margin     REAL,
    impact     TEXT,
    PRIMARY KEY (campaign, mutant, measure),
    FOREIGN KEY (campaign, mutant) REFERENCES mutant (campaign, id)
);

CREATE TABLE run (
    id          INTEGER PRIMARY KEY,
    campaign    TEXT NOT NULL REFERENCES campaign (name),
    mutant      TEXT,                   -- NULL: a clean run
    seed        INTEGER,                -- NULL: not known
    fold        INTEGER,
    "exit"      TEXT NOT NULL,
    is_whole    INTEGER NOT NULL,       -- 0: ended early by a rule
    seconds     REAL,
    cpu_seconds REAL,
    FOREIGN KEY (campaign, mutant) REFERENCES mutant (campaign, id)
);
CREATE INDEX run_by_mutant ON run (campaign, mutant);

-- The value of each metric that counts, of each run.
CREATE TABLE value (
    run    INTEGER NOT NULL REFERENCES run (id),
    metric TEXT NOT NULL,
    value  REAL,                        -- NULL: no number
    PRIMARY KEY (run, metric)
);

-- Every mutant with what is known of it.
CREATE VIEW v_mutants AS
SELECT m.campaign, m.id, m.root, m.file, m.line, m.function, m.operator, m.original, m.replacement,
       m.context, m.phases, m.is_chosen, v.symptom, v.rung, v.fate, v.decided_by, v.class, v.weight,
       (SELECT group_concat(impact, ', ') FROM impact i
         WHERE i.campaign = m.campaign AND i.mutant = m.id) AS impacts,
       v.why, m.name
FROM mutant m LEFT JOIN verdict v ON v.campaign = m.campaign AND v.mutant = m.id;

-- Bugs that end as a clean run does.
CREATE VIEW v_silent AS SELECT * FROM v_mutants WHERE fate = 'unnoticed';

-- Bugs that change the result without an error, with the difference in each metric.
CREATE VIEW v_hurting AS
SELECT m.campaign, m.id, m.file, m.line, m.function, m.operator, m.fate, m.impacts, c.measure,
       c.difference, c.low, c.high, c.p, c.margin, m.name
FROM v_mutants m LEFT JOIN comparison c ON c.campaign = m.campaign AND c.mutant = m.id
WHERE m.fate IN ('hurts', 'may hurt');

-- The sample by file and function, with weighted shares.
CREATE VIEW v_functions AS
SELECT campaign, root, file, function, count(*) AS mutants,
       sum(fate = 'unnoticed') AS silent,
       sum(fate IN ('hurts', 'may hurt')) AS hurting,
       sum(fate IN ('crash', 'hang')) AS noticed,
       sum(weight * (fate = 'unnoticed')) / sum(weight) AS silent_share
FROM v_mutants WHERE fate IS NOT NULL AND NOT is_chosen
GROUP BY campaign, root, file, function;

-- One row for each run and metric, with the clean run of the same seed and fold beside it.
CREATE VIEW v_values AS
SELECT r.campaign, r.mutant, r.seed, r.fold, v.metric, v.value,
       (SELECT cv.value FROM run c JOIN value cv ON cv.run = c.id
         WHERE c.campaign = r.campaign AND c.mutant IS NULL AND c.seed = r.seed AND c.fold = r.fold
           AND cv.metric = v.metric LIMIT 1) AS clean
FROM run r JOIN value v ON v.run = r.id;
