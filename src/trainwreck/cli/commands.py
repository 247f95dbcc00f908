"""Every command with its arguments and its help; what a command does is in its action."""

from pathlib import Path

from trainwreck.cli.arguments import Argument, Command
from trainwreck.cli.values import (
    processors,
    read_conditions,
    read_context,
    read_count,
    read_duration,
    read_engine,
    read_fate,
    read_figure,
    read_ledger,
    read_operator,
    read_price,
    read_rule,
    read_rung,
    read_shard,
)

ABOUT = (
    "Plant small bugs in a deep-learning program and its libraries, train every buggy version, "
    "and report which bugs crash, which hang, and which go unnoticed."
)

CAMPAIGN = Argument(
    "--campaign", "Use this campaign folder. Default: .trainwreck.", "DIR", read=Path
)
PROFILE = Argument("--profile", "Apply [profiles.NAME] of the settings.", "NAME")
PYTHON = Argument("--python", "Run your program by this interpreter.", "PATH")
DATA = Argument("--data", "Use the data in this folder.", "DIR", read=Path)
JSON = Argument("--json", "Print JSON lines instead of text.")

SHARED = (CAMPAIGN, PROFILE, PYTHON, DATA, JSON)
"""Options that may come before the command and after it."""
READING = (CAMPAIGN, PROFILE, JSON)
"""Those of a command that runs nothing."""

JOBS = Argument(
    "--jobs",
    "Run N trials at a time. Default: one per processor.",
    "N",
    read=read_count,
    default=processors(),
)
ENGINE = Argument(
    "--engine",
    "Run trials here (local) or on a Ray cluster (ray).",
    "NAME",
    read=read_engine,
    default="local",
)
ADDRESS = Argument(
    "--address", "Use the Ray cluster with this head. Default: a new one.", "HOST:PORT"
)
WHERE = (JOBS, ENGINE, ADDRESS)
"""Options of the commands that run many trials: how many at a time, and where."""
MUTANTS = Argument(
    "--mutants", "Run only the first N planned or chosen mutants.", "N", read=read_count
)
ID = Argument(
    "ID", "Name the mutant by its id, or by the start of it.", into="mutant", required=True
)

FAIL_ON = Argument(
    "--fail-on",
    "End with exit code 6 if masked>20%, silent>=5 or the like.",
    "EXPR",
    read=read_conditions,
    repeated=True,
)
ALL = Argument("--all", "Include mutants beyond the limit per file.", into="beyond_limit")
FILTERS = (
    Argument(
        "--operator",
        "Take only this operator. Repeat it for more.",
        "CODE",
        "operators",
        read_operator,
        repeated=True,
    ),
    Argument("--file", "Take only files whose path contains TEXT.", "TEXT"),
    Argument("--function", "Take only this function or class, such as Adam.step.", "NAME"),
    Argument(
        "--context",
        "Take only this position (if, default …). Repeat it for more.",
        "NAME",
        "contexts",
        read_context,
        repeated=True,
    ),
    Argument("--phase", "Take only lines that run in this phase.", "NAME"),
    Argument("--since", "Take only lines changed since this git revision.", "REV"),
    ALL,
)
"""Options that choose mutants, to list them or to run them; all of them must agree."""

INIT = Command(
    "init",
    "Write the settings of your own program from one run.",
    "trainwreck init python train.py --epochs 3",
    "trainwreck.cli.starting:start_settings",
    (
        Argument("COMMAND", "Name the program as you would type it.", is_rest=True),
        Argument(
            "--limit",
            "Stop the run after this time (30m, 2h). Default: 10m.",
            "TIME",
            read=read_duration,
            default=600.0,
        ),
        Argument("--no-doctor", "Leave out the checks of the settings.", into="unchecked"),
    ),
    SHARED,
    "The program runs once, in a copy of its folder. What it prints and writes, the lines that it "
    "executes and the seed that it takes become a trainwreck.toml with comments, which doctor then "
    "checks. Options of trainwreck come before COMMAND. Without COMMAND, the only program of the "
    "folder is taken. An existing trainwreck.toml is never changed.",
)
STUDY = Command(
    "study",
    "Run a bundled study from nothing to its report.",
    "trainwreck study keras --mutants 60",
    "trainwreck.cli.working:run_study",
    (
        Argument("NAME", "Choose a study. Default: list the studies."),
        Argument("--list", "List the studies, and what each needs.", into="only_list"),
        MUTANTS,
        JOBS,
    ),
    SHARED,
    "The profiles of a study are quick (the default), paper (the settings of the paper) and tiny.",
    prints_events=True,
)
LIST = Command(
    "list",
    "List the planned mutants, or those that you choose.",
    "trainwreck list --operator ComOR --phase learning",
    "trainwreck.cli.listing:print_mutants",
    (
        *FILTERS,
        Argument("--rung", "List only this rung, such as masked or crash.", "NAME", read=read_rung),
        Argument("--fate", "List silent, hurts, may-hurt …; ranked.", "NAME", read=read_fate),
        Argument("--uncovered", "Include lines that no clean run executes."),
    ),
    SHARED,
    "The operators are ArOR, BitOR, ComOR, LogOR, AsOR, MemOR, BVR and NVR. The rungs are "
    "unreached, uninfected, masked, `masked (printed values)`, propagated, crash and hang. "
    "The fates are silent, hurts, may-hurt, harmless, crash, hang, unknown and no-verdict.",
)
BASELINE = Command(
    "baseline",
    "Run the clean program and measure it.",
    "trainwreck baseline --jobs 2",
    "trainwreck.cli.working:run_baseline",
    WHERE,
    SHARED,
    "Clean runs show the executed lines by phase, the noise, and if results repeat.",
    prints_events=True,
)
DOCTOR = Command(
    "doctor",
    "Check that trainwreck works with your program.",
    "trainwreck doctor",
    "trainwreck.cli.working:run_doctor",
    (
        JOBS,
        Argument("--self", "Check this installation and machine only.", into="only_self"),
    ),
    SHARED,
    "The checks are runs with known outcomes. The clean program works and repeats. The agent "
    "changes nothing. A certain crash is caught. An edit without effect leaves a clean result. "
    "The exit code is 3 where a check fails. --self needs no program.",
    prints_events=True,
)
RUN = Command(
    "run",
    "Run the planned mutants, or resume.",
    "trainwreck run --mutants 100 --jobs 2",
    "trainwreck.cli.running:run_mutants",
    (
        Argument("ID", "Run only these mutants.", into="ids", repeated=True),
        Argument("--only", "Run only the ids in FILE; - reads standard input.", "FILE", read=Path),
        Argument(
            "--patch",
            "Run the bug of a unified diff. Repeat it for more.",
            "FILE",
            "patches",
            Path,
            repeated=True,
        ),
        Argument("--reverse", "Run what the program is without the change of --patch."),
        Argument("--bugs", "Run only the [[bugs]] of the settings."),
        Argument(
            "--check",
            "Run this check of the settings instead. Repeat it for more.",
            "NAME",
            "own_checks",
            repeated=True,
        ),
        *FILTERS,
        MUTANTS,
        *WHERE,
        Argument(
            "--budget",
            "Use this processor time (2h, 1h30m, 30m), then stop.",
            "TIME",
            read=read_duration,
        ),
        Argument(
            "--shard",
            "Run part K of N parts of the plan.",
            "K/N",
            read=read_shard,
        ),
        Argument("--dry", "Print what this would take, and run nothing."),
        Argument("--exact", "Use only rules that are proven for your program."),
        Argument("--cold", "Start every run in a process of its own."),
        FAIL_ON,
        Argument(
            "--without",
            "Skip this rule. Repeat it for more.",
            "RULE",
            read=read_rule,
            repeated=True,
        ),
    ),
    SHARED,
    "Rules decide many mutants without a complete run: same-code, probe, unused-default, "
    "same-call, unread, together and stuck. With --exact, mutants that an assumed rule "
    "decided run again. Chosen mutants are no sample: reports show them apart until their planned "
    "turn comes. --budget counts the processor time of all runs, also of several at a time. The "
    "mutants that it pays for are a sample, and the next --budget goes on from there. Parts of "
    "a plan run in campaigns of their own, which `merge` joins. --check runs a check of your own "
    "on the mutants that change the result, on some masked ones and on the clean program, on this "
    "machine. With --engine ray, the trials are tasks on the nodes of a Ray cluster "
    "(docs/shards.md).",
    prints_events=True,
)
AUDIT = Command(
    "audit",
    "Run a random sample of early decisions to the end.",
    "trainwreck audit --sample 40",
    "trainwreck.cli.working:run_audit",
    (
        Argument(
            "--sample", "Run N more early decisions. Default: 20.", "N", read=read_count, default=20
        ),
        *WHERE,
    ),
    SHARED,
    "The exit code is 5 where a run contradicts a proven rule. After an interruption, the same "
    "command completes the sample.",
    prints_events=True,
)
STATUS = Command(
    "status",
    "Report the progress and the cost of the campaign.",
    "trainwreck status --campaign studies/keras/.trainwreck",
    "trainwreck.cli.reading:print_status",
    shared=READING,
)
SHOW = Command(
    "show",
    "Show one mutant: the change, the verdict, the evidence.",
    "trainwreck show 3f9a",
    "trainwreck.cli.reading:print_story",
    (ID,),
    READING,
    "It may be any mutant of `list --all --uncovered`.",
)
REPLAY = Command(
    "replay",
    "Run one mutant again, and show what it prints.",
    "trainwreck replay 3f9a",
    "trainwreck.cli.working:replay_mutant",
    (ID,),
    SHARED,
    "It may be any mutant of `list --all --uncovered`. The campaign stays as it is.",
    prints_events=True,
)
REPORT = Command(
    "report",
    "Print silent bugs and bugs that hurt, or the tables.",
    "trainwreck report --format latex --out tables.tex --figure accuracy.pdf --number 1",
    "trainwreck.cli.reading:print_report",
    (
        Argument(
            "DIR",
            "Compare these campaign folders side by side.",
            into="folders",
            read=Path,
            repeated=True,
        ),
        Argument("--paper", "Print the study's tables and findings instead."),
        Argument("--format", "Choose a format. Default: text.", "NAME", "format_", default="text"),
        Argument("--out", "Write to FILE; for parquet, to a folder.", "FILE", read=Path),
        Argument("--html", "Write one HTML file to read offline.", "FILE", read=Path),
        Argument("--figure", "Draw a figure to FILE, as .svg, .pdf or .png.", "FILE", read=Path),
        Argument(
            "--number", "Draw Figure N (1 to 6) instead of the ledger.", "N", read=read_figure
        ),
        Argument(
            "--by",
            "Choose the bars of the ledger. Default: operator.",
            "NAME",
            "ledger",
            read_ledger,
            default="operator",
        ),
        Argument("--since", "Report on lines changed since this git revision.", "REV"),
        FAIL_ON,
    ),
    READING,
    "The text is a summary: a verdict in five lines, silent bugs, and bugs that hurt. --paper and "
    "the formats markdown, csv, latex, json and parquet have tables; html is one page with all of "
    "it, to read offline; summary is the text as Markdown; stryker, junit and, with --since, sarif "
    "have an entry for each mutant; sqlite has verdicts for SQL. A ledger is drawn by library, "
    "operator, phase or context. docs/ci.md has the conditions of --fail-on.",
)
POWER = Command(
    "power",
    "Report which bugs the checks that people write notice.",
    "trainwreck power",
    "trainwreck.cli.power:print_power",
    (
        Argument("--format", "Choose a format of tables.", "NAME", "format_", default="text"),
        Argument("--out", "Write to FILE; for parquet, to a folder.", "FILE", read=Path),
        Argument("--html", "Write one HTML file with curves, to read offline.", "FILE", read=Path),
        Argument("--verify", "Run N of the predictions as trainings.", "N", read=read_count),
        Argument("--check", "Show this check alone. Repeat it for more.", "NAME", repeated=True),
        Argument(
            "--price",
            "Show costs by the PRICE of an hour of a processor.",
            "PRICE",
            read=read_price,
        ),
        JOBS,
    ),
    SHARED,
    "Checks are golden runs with a tolerance, final values over seeds, and counts of work. Nothing "
    "runs: the values that the runs reported say what each check would have noticed. --verify runs "
    "some of them on this machine, and says how many agree. Checks of your own are there after "
    "`run --check`. With --check, tables and the cheapest set are of the named checks, and there "
    "are no curves.",
)
GUARD = Command(
    "guard",
    "Write the checks that notice most as a pytest file.",
    "trainwreck guard --out tests/test_trainwreck_guard.py",
    "trainwreck.cli.guard:write_guard",
    (
        Argument("--out", "Write to FILE, in your program's folder.", "FILE", read=Path),
        Argument(
            "--check", "Take this check of `power`. Repeat it for more.", "NAME", repeated=True
        ),
        JOBS,
    ),
    SHARED,
    "The file has golden values with their tolerance and seed, and says what was measured: the "
    "bugs that it notices, and false alarms. The clean program has passed it. It needs pytest, and "
    "not trainwreck; on another kind of machine it skips with the reason. Without --out it is "
    "written into tests/, or beside the program.",
)
EXPORT = Command(
    "export",
    "Write the campaign as JSON lines.",
    "trainwreck export results.jsonl.xz",
    "trainwreck.cli.reading:export_records",
    (
        Argument(
            "FILE",
            "Write here, compressed if .gz or .xz; - prints.",
            into="out",
            read=Path,
            required=True,
        ),
        Argument("--logs", "Include what all runs printed, not only crashes."),
        Argument("--salvage", "Write what is whole of a damaged campaign."),
    ),
    READING,
    "--salvage leaves out every run that is damaged in any part, and prints the damage. Import the "
    "file into another folder, and run the rest there.",
)
IMPORT = Command(
    "import",
    "Recreate a campaign, or load records of another tool.",
    "trainwreck --campaign keras import results.jsonl.xz",
    "trainwreck.cli.reading:import_records",
    (
        Argument(
            "FILE",
            "Read an export, or records; - reads standard input.",
            into="records",
            read=Path,
            required=True,
        ),
        Argument("--leave-out-doubtful", "Leave out records that a check doubts."),
        Argument("--skip-unreadable", "Leave out records that cannot be read."),
    ),
    READING,
    "Every record is checked. Doubtful records are reported, and kept unless you leave them out.",
)

MERGE = Command(
    "merge",
    "Join campaigns that ran parts of one plan.",
    "trainwreck --campaign all merge shard-1 shard-2",
    "trainwreck.cli.merging:merge",
    (
        Argument(
            "CAMPAIGN",
            "Take these campaign folders.",
            into="folders",
            read=Path,
            repeated=True,
            required=True,
        ),
        Argument("--complete", "Refuse if a shard or a verdict is missing."),
    ),
    READING,
    "The campaigns must have one plan, and equal settings, sources, versions and containment. "
    "Several runs of one trial count once where they agree, and are refused where they do not.",
)
VERIFY = Command(
    "verify",
    "Check that no record was changed or lost.",
    "trainwreck verify",
    "trainwreck.cli.verifying:verify_records",
    shared=READING,
    details="Every record has a checksum. One line is printed for each damaged thing, "
    "and the exit code is then 7.",
)

CLEAN = Command(
    "clean",
    "List what trainwreck has made and can do without.",
    "trainwreck clean --caches --yes",
    "trainwreck.cli.cleaning:clean",
    (
        Argument("NAME", "Take only these, by name or path.", into="names", repeated=True),
        Argument("--environments", "Take environments of studies."),
        Argument("--caches", "Take fetched data, listings and counts of sources."),
        Argument("--leftovers", "Take what killed runs have left."),
        Argument("--yes", "Remove it, without a question."),
    ),
    (CAMPAIGN, JSON),
    "On a terminal, a question follows the list. Everything listed is made again where it is "
    "needed. Records of campaigns stay, and so does what is in use.",
)

COMMANDS = (
    INIT,
    STUDY,
    LIST,
    BASELINE,
    DOCTOR,
    RUN,
    AUDIT,
    STATUS,
    SHOW,
    REPLAY,
    REPORT,
    POWER,
    GUARD,
    EXPORT,
    IMPORT,
    MERGE,
    VERIFY,
    CLEAN,
)
