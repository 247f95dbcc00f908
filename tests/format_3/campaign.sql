-- A campaign of the program beside it, made while the rule `cut` existed; it ended run 9.
BEGIN TRANSACTION;
CREATE TABLE environment (
    id       TEXT PRIMARY KEY,
    python   TEXT NOT NULL,
    packages TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "environment" VALUES('b7f9c4670c3104da','3.11.7','{"coverage": "7.17.4"}');
CREATE TABLE executed (
    root   TEXT NOT NULL,
    file   TEXT NOT NULL,
    line   INTEGER NOT NULL,
    phases TEXT NOT NULL,
    PRIMARY KEY (root, file, line)
) WITHOUT ROWID;
INSERT INTO "executed" VALUES('app','train.py',1,'import');
INSERT INTO "executed" VALUES('app','train.py',4,'preprocessing');
INSERT INTO "executed" VALUES('app','train.py',5,'preprocessing');
INSERT INTO "executed" VALUES('app','train.py',6,'preprocessing');
INSERT INTO "executed" VALUES('app','train.py',9,'learning');
INSERT INTO "executed" VALUES('app','train.py',11,'import,preprocessing');
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
INSERT INTO "frame" VALUES('app','train.py',2,2,0,2,2,2,2,'');
CREATE TABLE log (
    trial_id TEXT PRIMARY KEY,
    content  BLOB NOT NULL
) WITHOUT ROWID;
INSERT INTO "log" VALUES('01aeee8f94f19556',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('2e37275560550073',X'789C030000000001');
INSERT INTO "log" VALUES('68f473be16ec23d3',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('8a6e9ef56e60f2f8',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('8f145cf5352ac663',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('b2186b76bbd5f6ab',X'789CCBC92F2EB65230E502000D1E025B');
INSERT INTO "log" VALUES('b28362700d8d8194',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('bfd56d95d6e45e19',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('c075c7d084e1b682',X'789CCBC92F2EB65230E102000D1C025A');
INSERT INTO "log" VALUES('c9ffca3c8b5f3088',X'789CCBC92F2EB65230E102000D1C025A');
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO "meta" VALUES('bases','{"app": "/program"}');
INSERT INTO "meta" VALUES('data','{}');
INSERT INTO "meta" VALUES('look_seconds','0.5244072339992272');
INSERT INTO "meta" VALUES('looks','[]');
INSERT INTO "meta" VALUES('measures','[{"name": "loss", "pattern": "loss: (\\S+)", "better": "higher", "range": null, "margin": null}]');
INSERT INTO "meta" VALUES('metrics','["loss"]');
INSERT INTO "meta" VALUES('python','"3.11.7"');
INSERT INTO "meta" VALUES('reported','{}');
INSERT INTO "meta" VALUES('settings','"f43529fce1eb2fb6"');
INSERT INTO "meta" VALUES('sources','{"train.py": "3b70c6c89d608fc7e8e2a4e64ed5ee3916df26e64ff956c09b9fce2d32dc7ed1"}');
INSERT INTO "meta" VALUES('subject','"cut"');
INSERT INTO "meta" VALUES('unstable_lines','0');
INSERT INTO "meta" VALUES('verdicts','{"alpha": 0.05, "time_margin": 0.1}');
INSERT INTO "meta" VALUES('version','"0.1.0"');
INSERT INTO "meta" VALUES('versions','{}');
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
INSERT INTO "mutant" VALUES(1,'db0ca10104b18f37','app','train.py','train','<module>','NVR','[[155, 156, 6, 7, 6, 8, "4", "5"]]','3b70c6c89d608fc7e8e2a4e64ed5ee3916df26e64ff956c09b9fce2d32dc7ed1','assigned value','b77cd000072513d2.0+7',6,6,155,156,'preprocessing');
INSERT INTO "mutant" VALUES(2,'81f3d297f3460942','app','train.py','train','<module>','NVR','[[133, 134, 4, 8, 4, 9, "3", "4"]]','3b70c6c89d608fc7e8e2a4e64ed5ee3916df26e64ff956c09b9fce2d32dc7ed1','assigned value','96eb5b8b9c63ff3d.0+8',4,4,133,134,'preprocessing');
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
INSERT INTO "probe" VALUES('81f3d297f3460942','8f145cf5352ac663','evaluations',1,0,'','[1]',1,'');
INSERT INTO "probe" VALUES('db0ca10104b18f37','8f145cf5352ac663','evaluations',1,0,'','[1]',1,'');
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
INSERT INTO "run" VALUES(1,'c9ffca3c8b5f3088','clean',0,0,0,NULL,'exited',0,1.23996350999732385389e-01,0.075822,47222784,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.003306585000245832, 0.065306816, 0], ["learning", 0.0033753340012481203, 0.065372749, 0]]',0,'',4.1212011999959941022e-02,'{}','[[["loss"], 0.004343728000094416, 0.065508392, 0]]',NULL,'{}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(2,'01aeee8f94f19556','coverage',0,0,0,NULL,'exited',0,4.68502343999716686084e-01,0.293998,47353856,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.25828169899978093, 0.222636244, 0], ["learning", 0.26413909300026717, 0.224471441, 0]]',0,'',2.16234920007991604506e-02,'{}','[[["loss"], 0.2662124580001546, 0.2252336, 0]]',NULL,'{}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(3,'68f473be16ec23d3','coverage',0,0,1,NULL,'exited',0,3.95485844999711844138e-01,2.34965999999999980429e-01,47353856,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.19624215600015305, 0.195538042, 0], ["learning", 0.19727802699890162, 0.196570647, 0]]',0,'',1.29233320003550034016e-02,'{}','[[["loss"], 0.20190296199871227, 0.196918789, 0]]',NULL,'{}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(4,'b28362700d8d8194','clean',0,0,1,NULL,'exited',0,1.62342584000725764781e-01,9.45777770000000295169e-02,47484928,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.006347562000883045, 0.07862081, 0], ["learning", 0.006574345999979414, 0.07883567200000002, 0]]',0,'',1.77965820003009866923e-02,'{}','[[["loss"], 0.00743081100154086, 0.07914205400000007, 0]]',NULL,'{"preprocessing": "2dc81855b19e05fbce75afbdb16d18580766914edfd001f57766137659372688", "learning": "ed9a1e98420111871b0286d884fd475100d48c455c859f68af731ae15707ddb5"}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(5,'bfd56d95d6e45e19','clean',0,0,2,NULL,'exited',0,1.7306403000111458823e-01,1.11166898999999985697e-01,47484928,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.011751505999200162, 0.094240072, 0], ["learning", 0.012038983999445918, 0.09451379500000001, 0]]',0,'',2.64948290005122544243e-02,'{}','[[["loss"], 0.012962315000550007, 0.09488277499999997, 0]]',NULL,'{"preprocessing": "2dc81855b19e05fbce75afbdb16d18580766914edfd001f57766137659372688", "learning": "ed9a1e98420111871b0286d884fd475100d48c455c859f68af731ae15707ddb5"}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(6,'8f145cf5352ac663','probe',0,0,0,NULL,'exited',0,1.35900955001488910056e-01,1.22782999999999989371e-01,49057792,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.014119052000751253, 0.104188744, 0], ["learning", 0.014262381000662572, 0.104328305, 0]]',0,'',3.13993869986006757244e-02,'{}','[[["loss"], 0.015298232001441647, 0.104561493, 0]]',NULL,'{}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(7,'8a6e9ef56e60f2f8','control',0,0,0,NULL,'exited',0,1.69523587999719893559e-01,0.097747,49057792,0,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.013615178999316413, 0.082924535, 0], ["learning", 0.013778915999864694, 0.08308181, 0]]',0,'',1.14127220003865659236e-02,'{}','[[["loss"], 0.014349244000186445, 0.08324204, 0]]',NULL,'{}','[]',NULL,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(8,'b2186b76bbd5f6ab','mutant',0,0,0,'db0ca10104b18f37','exited',0,1.54004852998696151189e-01,0.10985664,49057792,1,'{"loss": ["5"]}',NULL,NULL,'[["preprocessing", 0.006409498999346397, 0.095423212, 0], ["learning", 0.0065073719997599255, 0.095516397, 1]]',1,'',2.1456018999742809683e-02,'{}','[[["loss"], 0.007922092998342123, 0.09588025900000002, 1]]',NULL,'{"learning": "0ec06612b11f86ff5bb231808bd7c40a6d360cddec93ff04f3620c0f785d6327"}','[]',6.4787379997142124921e-03,'','b7f9c4670c3104da');
INSERT INTO "run" VALUES(9,'2e37275560550073','mutant',0,0,0,'81f3d297f3460942','exited',0,1.32673328000237233936e-01,7.91340449999999862029e-02,49057792,1,'{"loss": []}',NULL,NULL,'[["preprocessing", 0.016063256000052206, 0.077224137, 0], ["learning", 0.016172480000022915, 0.077327502, 1]]',1,'',0.0340343039988511,'{}','[]',NULL,'{"learning": "ed9a1e98420111871b0286d884fd475100d48c455c859f68af731ae15707ddb5"}','[]',1.6140841000378713943e-02,'cut','b7f9c4670c3104da');
INSERT INTO "run" VALUES(10,'c075c7d084e1b682','audit',0,0,0,'81f3d297f3460942','exited',0,8.59457530004874570295e-02,0.069579,124260352,1,'{"loss": ["4"]}',NULL,NULL,'[["preprocessing", 0.0035123800007568207, 0.061220711, 0], ["learning", 0.0036627320005209185, 0.061365872, 1]]',1,'',3.49044529993989272043e-02,'{}','[[["loss"], 0.004757654000059119, 0.061542094, 1]]',NULL,'{}','[]',3.6428549992706393823e-03,'','b7f9c4670c3104da');
CREATE TABLE same_code (
    mutant_id TEXT PRIMARY KEY,
    same      INTEGER NOT NULL
) WITHOUT ROWID;
INSERT INTO "same_code" VALUES('81f3d297f3460942',0);
INSERT INTO "same_code" VALUES('db0ca10104b18f37',0);
CREATE TABLE source (
    root       TEXT NOT NULL,
    file       TEXT NOT NULL,
    statements INTEGER,
    executed   INTEGER,
    PRIMARY KEY (root, file)
) WITHOUT ROWID;
INSERT INTO "source" VALUES('app','train.py',4,4);
CREATE INDEX run_by_mutant ON run (mutant_id);
PRAGMA user_version = 3;
COMMIT;
