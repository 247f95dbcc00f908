"""Settings: defaults, profiles, and every mistake told with its key, file and line."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.errors import ExitCode, UsageError
from trainwreck.model import Better, Margin, OperatorCode, PhaseMark
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import load_settings

LEAST = """\
[subject]
name = "my-training"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\d\\.\\d+)'
"""

WHOLE = """\
[subject]
name = "my-training"
command = ["train.py", "--epochs", "3"]
python = "python3"
folder = "."
targets = ["app", "keras", "torch.nn"]
threads = 2
env = { B = "2", A = "1" }
requirements = "requirements.txt"

[metrics.accuracy]
pattern = 'val_accuracy: (\\d\\.\\d+)'
better = "higher"
range = [0, 1]

[metrics.loss]
better = "lower"

[phases]
preprocessing = "train.py:1"
learning = "sub/model.py:88"

[mutants]
operators = ["NVR", "ArOR"]
per_file = 30
seed = 7

[trials]
clean = 3
seeds = 2
folds = 1
timeout_factor = 5
clean_timeout = 60
memory = "1.5G"

[data]
requirement = "reviews==1"
sha256 = "00"
extract = ["a.tar.gz", "b.txt"]

[profiles.paper.trials]
clean = 50

[profiles.paper.subject]
command = ["train.py"]

[profiles.paper.metrics.f1]
better = "higher"

[profiles.broken.trials]
seeds = 0
sedes = 1
"""


def read(folder: Path, text: str, profile: str | None = None, python: str = "") -> Settings:
    file = folder / "trainwreck.toml"
    file.write_text(text)
    return load_settings(file, profile, python)


def mistake(folder: Path, text: str, profile: str | None = None) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read(folder, text, profile)
    return caught.value


def test_the_least_settings_get_the_defaults_of_the_contract(tmp_path: Path) -> None:
    settings = read(tmp_path, LEAST)
    subject, trials = settings.subject, settings.trials
    assert (subject.folder, subject.python, subject.targets) == (".", "", ("app",))
    assert (subject.threads, subject.env, subject.phases) == (1, (), ())
    assert (subject.metrics[0].better, subject.metrics[0].range) == (Better.HIGHER, None)
    assert settings.mutants.operators == tuple(OperatorCode)
    assert (settings.mutants.per_file, settings.mutants.seed) == (50, 0)
    assert (trials.clean, trials.seeds, trials.folds) == (30, 10, 1)
    assert (trials.timeout_factor, trials.memory) == (10.0, 4 << 30)
    assert settings.data is None
    assert settings.folder == tmp_path


def test_everything_that_is_written_is_read(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE)
    subject, accuracy = settings.subject, settings.subject.metrics[0]
    assert subject.command == ("train.py", "--epochs", "3")
    assert subject.targets == ("app", "keras", "torch.nn")
    assert subject.env == (("A", "1"), ("B", "2"))
    assert (subject.python, subject.threads) == ("python3", 2)
    assert (accuracy.name, accuracy.range) == ("accuracy", (0.0, 1.0))
    assert subject.metrics[1].better is Better.LOWER
    assert subject.phases == (
        PhaseMark("preprocessing", "train.py", 1),
        PhaseMark("learning", "sub/model.py", 88),
    )
    assert settings.mutants.operators == (OperatorCode.ArOR, OperatorCode.NVR)
    assert (settings.mutants.per_file, settings.mutants.seed) == (30, 7)
    assert (settings.trials.clean, settings.trials.seeds) == (3, 2)
    assert (settings.trials.timeout_factor, settings.trials.clean_timeout) == (5.0, 60.0)
    assert settings.trials.memory == 3 << 29
    assert settings.data is not None
    assert settings.data.extract == ("a.tar.gz", "b.txt")
    assert settings.requirements == "requirements.txt"


def test_programs_and_a_note_are_read_and_are_not_needed(tmp_path: Path) -> None:
    plain = read(tmp_path, LEAST)
    assert (plain.programs, plain.note) == ((), "")
    lines = 'name = "my-training"\nprograms = ["g++", "cmake"]\nnote = "downloads 2 GB"'
    told = read(tmp_path, LEAST.replace('name = "my-training"', lines))
    assert (told.programs, told.note) == (("g++", "cmake"), "downloads 2 GB")
    assert told.subject == plain.subject
    assert told.fingerprint == plain.fingerprint


def test_a_metric_without_a_pattern_is_read_from_lines_of_our_own(tmp_path: Path) -> None:
    loss = read(tmp_path, WHOLE).subject.metrics[1]
    found = re.search(loss.pattern, "trainwreck: loss=0.25")
    assert found is not None
    assert found[1] == "0.25"


def test_a_python_from_the_command_line_wins(tmp_path: Path) -> None:
    assert read(tmp_path, WHOLE, python="/opt/python").subject.python == "/opt/python"


def test_a_profile_changes_what_it_names_and_nothing_else(tmp_path: Path) -> None:
    plain, paper = read(tmp_path, WHOLE), read(tmp_path, WHOLE, "paper")
    assert paper.trials == replace(plain.trials, clean=50)
    assert paper.subject.command == ("train.py",)
    assert [metric.name for metric in paper.subject.metrics] == ["accuracy", "loss", "f1"]
    assert paper.subject.targets == plain.subject.targets


def test_a_fingerprint_changes_with_the_plan_and_not_with_the_machine(tmp_path: Path) -> None:
    before = read(tmp_path, LEAST).fingerprint
    machine = '[trials]\nclean = 3\nseeds = 2\nmemory = "1G"\ntimeout_factor = 3\n'
    assert read(tmp_path, LEAST + machine, python="other").fingerprint == before
    for change in ("[trials]\nfolds = 3\n", "[mutants]\nseed = 1\n", "[mutants]\nper_file = 1\n"):
        assert read(tmp_path, LEAST + change).fingerprint != before


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ('"4G"', 4 << 30),
        ('"512M"', 512 << 20),
        ('"100 KB"', 100 << 10),
        ('"2GiB"', 2 << 30),
        ("1000", 1000),
    ],
)
def test_memory_has_a_unit(tmp_path: Path, memory: str, expected: int) -> None:
    assert read(tmp_path, f"{LEAST}[trials]\nmemory = {memory}\n").trials.memory == expected


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ("0.02", Margin(0.02)),
        ("1", Margin(1)),
        ('"2%"', Margin(0.02, is_share=True)),
        ('"0.5 %"', Margin(0.005, is_share=True)),
        ('"0.02"', Margin(0.02)),
    ],
)
def test_a_margin_is_a_number_or_a_share(tmp_path: Path, written: str, expected: Margin) -> None:
    text = LEAST.rstrip() + f"\n[metrics.loss]\nmargin = {written}\n"
    settings = read(tmp_path, text)
    margin = next(metric.margin for metric in settings.subject.metrics if metric.name == "loss")
    assert margin == expected
    assert Margin.read(str(margin)) == margin


MISTAKES = [
    ("[trials]\nsedes = 2\n", 8, "trials.sedes", "did you mean `seeds`"),
    ("[trails]\nseeds = 2\n", 7, "trails", "did you mean `trials`"),
    ("[trials]\nqqq = 2\n", 8, "trials.qqq", "known: clean, repeats"),
    ("[metrics.loss]\n\npatern = 'x'\n", 9, "metrics.loss.patern", "did you mean `pattern`"),
    ("[trials]\nclean = 5\nseeds = 'two'\n", 9, "trials.seeds", "must be a whole number"),
    ("[trials]\nseeds = true\n", 8, "trials.seeds", "must be a whole number"),
    ("[trials]\nseeds = 1.5\n", 8, "trials.seeds", "must be a whole number"),
    ("[trials]\nseeds = 0\n", 8, "trials.seeds", "at least 1, not 0"),
    ("[trials]\nclean = 0\n", 8, "trials.clean", "at least 1"),
    ("[trials]\nfolds = 0\n", 8, "trials.folds", "at least 1"),
    ("[trials]\nclean = 5\nseeds = 6\n", 9, "trials.seeds", "must not be above `clean`"),
    ("[trials]\nrepeats = -1\n", 8, "trials.repeats", "at least 0"),
    ("[verdicts]\nalpha = 1\n", 8, "verdicts.alpha", "above 0 and at most 0.5"),
    ("[verdicts]\nalpha = 0.6\n", 8, "verdicts.alpha", "at most 0.5, not 0.6"),
    ("[verdicts]\nalpha = 0\n", 8, "verdicts.alpha", "above 0"),
    ("[verdicts]\nalpha = nan\n", 8, "verdicts.alpha", "above 0"),
    ("[metrics.loss]\nmargin = 0\n", 8, "metrics.loss.margin", "a number above 0"),
    ("[metrics.loss]\nmargin = inf\n", 8, "metrics.loss.margin", "a number above 0"),
    ("[metrics.loss]\nmargin = '-2%'\n", 8, "metrics.loss.margin", 'a share like "2%"'),
    ("[metrics.loss]\nmargin = 'two'\n", 8, "metrics.loss.margin", "not `two`"),
    ("[metrics.loss]\nmargin = true\n", 8, "metrics.loss.margin", "must be a"),
    (
        "[metrics.loss]\nrange = [0, 1]\nmargin = 1\n",
        9,
        "metrics.loss.margin",
        "as large as the whole range, 0 to 1",
    ),
    ("[verdicts]\ntime_margin = -0.1\n", 8, "verdicts.time_margin", "a share"),
    ("[trials]\ntimeout_factor = 1\n", 8, "trials.timeout_factor", "above 1"),
    ("[trials]\ntimeout_factor = nan\n", 8, "trials.timeout_factor", "above 1"),
    ("[trials]\nclean_timeout = 0\n", 8, "trials.clean_timeout", "above 0"),
    ("[trials]\nclean_timeout = nan\n", 8, "trials.clean_timeout", "above 0"),
    ("[trials]\nmemory = '4 apples'\n", 8, "trials.memory", 'like "4G"'),
    ("[trials]\nmemory = -1\n", 8, "trials.memory", 'like "4G"'),
    ("[trials]\nmemory = '0G'\n", 8, "trials.memory", 'like "4G"'),
    ("[mutants]\nper_file = 0\n", 8, "mutants.per_file", "at least 1"),
    ("[mutants]\nseed = -1\n", 8, "mutants.seed", "at least 0"),
    ("[mutants]\noperators = ['XOR']\n", 8, "mutants.operators", "has no `XOR`"),
    ("[mutants]\noperators = []\n", 8, "mutants.operators", "not an empty one"),
    ("[mutants]\noperators = 'NVR'\n", 8, "mutants.operators", "must be a list"),
    ("[metrics.loss]\npattern = '('\n", 8, "metrics.loss.pattern", "no regular expression"),
    ("[metrics.loss]\npattern = 'loss'\n", 8, "metrics.loss.pattern", "one group"),
    ("[metrics.loss]\npattern = '(a)(b)'\n", 8, "metrics.loss.pattern", "one group"),
    ("[metrics.loss]\nbetter = 'smaller'\n", 8, "metrics.loss.better", "`higher` or `lower`"),
    ("[metrics.loss]\nrange = [1, 0]\n", 8, "metrics.loss.range", "smaller one first"),
    ("[metrics.loss]\nrange = [1]\n", 8, "metrics.loss.range", "two numbers"),
    ("[metrics.loss]\nrange = ['a', 'b']\n", 8, "metrics.loss.range", "two numbers"),
    ("[phases]\nlearning = 'train.py'\n", 8, "phases.learning", "must look like"),
    ("[phases]\nlearning = 88\n", 8, "phases.learning", "must look like"),
    ("[phases]\nlearning = 'train.py:0'\n", 8, "phases.learning", "must look like"),
    ("[phases]\nlearning = 'train.py:²'\n", 8, "phases.learning", "must look like"),
    ("[phases]\n'a,b' = 'train.py:1'\n", 8, "phases.a,b", "no comma"),
    ("[data]\nrequirement = 'a'\nsha256 = '0'\n", 7, "data.extract", "is missing"),
    ("[data]\nextract = [1]\n", 8, "data.extract", "list of strings"),
]


@pytest.mark.parametrize(("text", "line", "key", "problem"), MISTAKES)
def test_a_mistake_is_told_with_key_file_and_line(
    tmp_path: Path, text: str, line: int, key: str, problem: str
) -> None:
    error = mistake(tmp_path, LEAST + text)
    assert str(error).startswith(f"{tmp_path / 'trainwreck.toml'}:{line}: `{key}` ")
    assert problem in f"{error.what}; {error.hint}"
    assert error.exit_code is ExitCode.USAGE


SUBJECT_MISTAKES = [
    ('command = ["train.py"]', "", 1, "subject.command", "is missing"),
    ('command = ["train.py"]', 'command = "train.py"', 3, "subject.command", "must be a list"),
    ('command = ["train.py"]', "command = []", 3, "subject.command", "not an empty one"),
    ('name = "my-training"', "", 1, "subject.name", "is missing"),
    ('name = "my-training"', "name = 3", 2, "subject.name", "must be a string"),
    ('name = "my-training"', 'name = "a"\nfolder = "no"', 3, "subject.folder", "no folder"),
    ('name = "my-training"', 'name = "a"\nthreads = 0', 3, "subject.threads", "at least 1"),
    ('name = "my-training"', 'name = "a"\ntargets = [1]', 3, "subject.targets", "strings"),
    ('name = "my-training"', 'name = "a"\nenv = {A = 1}', 3, "subject.env", "to strings"),
    ('name = "my-training"', 'name = "a"\nprograms = "g++"', 3, "subject.programs", "a list"),
    ('name = "my-training"', 'name = "a"\nprograms = [1]', 3, "subject.programs", "strings"),
    ('name = "my-training"', 'name = "a"\nprograms = []', 3, "subject.programs", "not an empty"),
    ('name = "my-training"', 'name = "a"\nnote = 3', 3, "subject.note", "must be a string"),
    ('name = "my-training"', 'name = "a"\nnote = ["b"]', 3, "subject.note", "must be a string"),
]


@pytest.mark.parametrize(("before", "after", "line", "key", "problem"), SUBJECT_MISTAKES)
def test_a_mistake_in_the_subject_is_told_alike(
    tmp_path: Path, before: str, after: str, line: int, key: str, problem: str
) -> None:
    error = mistake(tmp_path, LEAST.replace(before, after))
    assert f"trainwreck.toml:{line}: `{key}` " in error.what
    assert problem in error.what


def test_a_program_without_metrics_is_a_mistake(tmp_path: Path) -> None:
    error = mistake(tmp_path, LEAST[: LEAST.index("[metrics")])
    assert "`metrics` is missing" in error.what
    assert "[metrics.accuracy]" in error.hint


@pytest.mark.parametrize("name", ["subject", "mutants", "trials", "phases", "profiles", "data"])
def test_a_section_that_is_no_table_is_a_mistake(tmp_path: Path, name: str) -> None:
    text = LEAST if name != "subject" else LEAST[LEAST.index("[metrics") :]
    assert f":1: `{name}` must be a table" in mistake(tmp_path, f"{name} = 3\n{text}").what


def test_a_metric_that_is_no_table_is_a_mistake(tmp_path: Path) -> None:
    text = LEAST[: LEAST.index("[metrics")] + "[metrics]\naccuracy = 3\n"
    assert ":6: `metrics.accuracy` must be a table" in mistake(tmp_path, text).what


def test_a_mistake_in_an_inline_table_is_told_with_the_tables_line(tmp_path: Path) -> None:
    error = mistake(tmp_path, "\ntrials = { seeds = 0 }\n" + LEAST)
    assert ":2: `trials.seeds` must be" in error.what


def test_a_mistake_in_a_profile_is_told_with_the_profiles_line(tmp_path: Path) -> None:
    error = mistake(tmp_path, WHOLE, "broken")
    lines = WHOLE.splitlines()
    assert f":{lines.index('sedes = 1') + 1}: `trials.sedes` is unknown" in error.what
    error = mistake(tmp_path, WHOLE.replace("sedes = 1\n", ""), "broken")
    assert f":{lines.index('seeds = 0') + 1}: `trials.seeds` must be at least 1" in error.what


def test_a_mistake_outside_a_profile_keeps_its_own_line(tmp_path: Path) -> None:
    text = WHOLE.replace("clean_timeout = 60", "clean_timeout = 0")
    line = text.splitlines().index("clean_timeout = 0") + 1
    assert f":{line}: `trials.clean_timeout`" in mistake(tmp_path, text, "paper").what


def test_a_profile_that_is_no_table_is_a_mistake(tmp_path: Path) -> None:
    assert "must be a table" in mistake(tmp_path, LEAST + "[profiles]\np = 3\n", "p").what
    assert "must be a table" in mistake(tmp_path, LEAST + "[profiles.p]\ntrials = 3\n", "p").what


def test_an_unknown_profile_is_answered_with_the_known_ones(tmp_path: Path) -> None:
    error = mistake(tmp_path, WHOLE, "papper")
    assert "no profile `papper`" in error.what
    assert error.hint == "profiles: paper, broken"
    assert mistake(tmp_path, LEAST, "paper").hint == "profiles: none"


def test_what_is_no_toml_is_told_with_its_line(tmp_path: Path) -> None:
    error = mistake(tmp_path, "[subject]\nname = \n")
    assert f"{tmp_path / 'trainwreck.toml'}: not valid TOML" in error.what
    assert "line 2" in error.what


def test_a_folder_without_settings_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=re.escape(str(tmp_path))):
        load_settings(tmp_path / "trainwreck.toml")


def test_the_studies_that_ship_with_the_tool_can_be_read_in_every_profile() -> None:
    studies = sorted((Path(__file__).parents[2] / "studies").glob("*/trainwreck.toml"))
    assert studies
    for file in studies:
        load_settings(file)
        for profile in re.findall(r"\[profiles\.(\w+)", file.read_text()):
            load_settings(file, profile)
