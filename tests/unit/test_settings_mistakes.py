"""Every mistake in ``trainwreck.toml`` is reported with its file, line, key, and what to do."""

from pathlib import Path

import pytest

from trainwreck.errors import ExitCode, UsageError
from trainwreck.subject.settings_file import load_settings

LEAST = """\
[subject]
name = "my-training"
command = ["train.py"]

[metrics.accuracy]
pattern = 'accuracy: (\\S+)'
"""

TABLE = r"""
[subject]
name = "a"
command = ["train.py", "a\u0000b"]
-> 3: `subject.command` holds the character NUL (`\u0000`)
   Remove it.

[subject]
name = "a"
command = ["train.py"]
env = { "A=B" = "1" }
-> 4: `subject.env` holds "A=B", which no environment variable can be named
   Correct the name.

[subject]
name = "a"
command = ["train.py"]
credentials = ["HF_TOKEN", ""]
-> 4: `subject.credentials` holds "", which no environment variable can be named
   Correct the name.

[subject]
name = "a"
command = ["train.py"]
[trials]
writable = ["/data\u0000"]
-> 5: `trials.writable` holds the character NUL (`\u0000`)
   Remove it.

[subject]
name = "a"
-> 1: `subject.command` is missing
   Add it under [subject], for example `command = ["train.py", "--seed", "{seed}"]`.

[subject]
name = "a"
command = "train.py"
-> 3: `subject.command` must be a list of strings, with at least one, not `"train.py"`
   Write `command = ["train.py"]`.

[subject]
command = ["train.py"]
-> 1: `subject.name` is missing
   Add it under [subject], for example `name = "my-training"`.

[subject]
name = 3
-> 2: `subject.name` must be a string, not `3`
   Write, for example, `name = "my-training"`.

[subject]
name = "a"
command = ["train.py"]
folder = "no"
-> 4: `subject.folder` names no folder: `no`
   Correct the path, which starts from the folder of trainwreck.toml.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
pattern = 'loss: (\S+), acc (\S+)'
-> 5: `metrics.loss.pattern` must have exactly one group, around the number; it has 2
   Put parentheses around the number; write further groups as (?:…).

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
file = "runs/metrics.csv"
-> 4: `metrics.loss.column` is missing beside `file`: runs/metrics.csv
   Name the column, key or tag to read, for example `column = "val_loss"`.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
column = "val_loss"
-> 5: `metrics.loss.column` has no effect without `file`
   Add `file`, for example `file = "runs/metrics.csv"`.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
pattern = 'loss: (\S+)'
file = "runs/metrics.csv"
column = "val_loss"
-> 5: `metrics.loss.pattern` has no effect beside `file`, which is read instead of the output
   Remove one of the two.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
stream = "stderr"
file = "runs/metrics.csv"
column = "val_loss"
-> 5: `metrics.loss.stream` has no effect beside `file`, which is read instead of the output
   Remove one of the two.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
file = "/tmp/metrics.csv"
column = "val_loss"
-> 5: `metrics.loss.file` must be inside the folder of the program, not `/tmp/metrics.csv`
   Make the program write below its working directory, which each run has for itself.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
which = "worst"
-> 5: `metrics.loss.which` must be `last`, `best` or `all`, not `"worst"`
   Write, for example, `which = "last"`.

[subject]
name = "a"
command = ["train.py"]
[metrics.loss]
stream = "error"
-> 5: `metrics.loss.stream` must be `stdout` or `stderr`, not `"error"`
   Write, for example, `stream = "stderr"`.

[subject]
name = "a"
command = ["train.py"]
threads = 0
-> 4: `subject.threads` must be a whole number of at least 1, not `0`
   Write, for example, `threads = 1`.

[subject]
name = "a"
command = ["train.py"]
outputs = "model.pkl"
-> 4: `subject.outputs` must be a list of file names or patterns, with at least one, not `"model.pkl"`
   Write, for example, `outputs = ["metrics.csv", "runs/*.npz"]`.

[subject]
name = "a"
command = ["train.py"]
outputs = ["model.pkl", "../other.pkl"]
-> 4: `subject.outputs` must hold paths inside the folder of the program, but `../other.pkl` is none
   Write, for example, `runs/*.npz`.

[subject]
name = "a"
command = ["train.py"]
targets = [1]
-> 4: `subject.targets` must be a list of strings, with at least one, not `[1]`
   Write, for example, `targets = ["app"]`.

[subject]
name = "a"
command = ["train.py"]
env = { A = 1 }
-> 4: `subject.env` must map names to strings, but `A` is `1`
   Write, for example, `env = { OMP_NUM_THREADS = "1" }`.

[subject]
name = "a"
command = ["train.py"]
-> 1: `metrics` is missing, so nothing would be measured
   Add a section, for example [metrics.accuracy].

[subject]
name = "a"
command = ["train.py"]
[metrics]
accuracy = 3
-> 5: `metrics.accuracy` must be a table
   Write a section [metrics.accuracy] with its keys below.

subject = 3
-> 1: `subject` must be a table
   Write a section [subject] with its keys below.

[subject]
name = my-training
-> 2: not valid TOML: Invalid value at column 8
   Correct this line; strings need quotes.

[subject]
name = 'a
-> 2: not valid TOML: Expected "'" (at end of document)
   Correct this line.

[subject]
name = "a"
[subject]
-> 3: not valid TOML: Cannot declare ('subject',) twice at column 9
   Correct this line.

[trails]
seeds = 2
-> 7: `trails` is unknown: did you mean `trials`?
   Correct the name.

[trials]
sedes = 2
-> 8: `trials.sedes` is unknown: did you mean `seeds`?
   Correct the name.

[mutants]
Per_File = 2
-> 8: `mutants.Per_File` is unknown: did you mean `per_file`?
   Correct the name.

[trials]
qqq = 2
-> 8: `trials.qqq` is unknown
   Remove it, or use one of clean, repeats, seeds, folds, timeout_factor, clean_timeout, memory, gpus, gpu_memory, disk, containment, network, writable, rules, start.

[metrics.loss]
# The validation loss.
patern = 'x'
-> 9: `metrics.loss.patern` is unknown: did you mean `pattern`?
   Correct the name.

[trials]
clean = 5
seeds = "two"
-> 9: `trials.seeds` must be a whole number of at least 1, not `"two"`
   Write, for example, `seeds = 10`.

[trials]
clean = 5
seeds = 6
-> 9: `trials.seeds` must not be above `clean`, which is 5: mutants are compared with clean runs of the same seeds
   Lower `seeds` to 5, or raise `clean`.

[trials]
clean = 5
seeds = 2
-> 9: `trials.seeds` can never decide: 2 runs of a mutant and 5 clean runs are too few to show any difference (`alpha` is 0.05)
   Raise `seeds` to 3, or raise `clean` to 8, or write `seeds = 1`, so that each mutant runs once and nothing is compared.

[trials]
clean = 4
-> 8: `trials.clean` can never decide: 4 runs of a mutant and 4 clean runs are too few to show any difference (`alpha` is 0.05)
   Raise `clean` to 5, or write `seeds = 1`, so that each mutant runs once and nothing is compared.

[subject]
name = "a"
command = ["train.py", "--seed={sed}"]
-> 3: `subject.command` has the unknown placeholder `{sed}`
   Use one of `{seed}`, `{fold}`, `{folds}`, `{data}`, `{cache}`, or write `{{sed}}` for the text `{sed}`.

[subject]
name = "a"
command = ["train.py"]
env = { HOME = "{home}" }
-> 4: `subject.env.HOME` has the unknown placeholder `{home}`
   Use one of `{seed}`, `{fold}`, `{folds}`, `{data}`, `{cache}`, or write `{{home}}` for the text `{home}`.

[trials]
timeout_factor = 1
-> 8: `trials.timeout_factor` must be a number, above 1 and below 1,000,000, not `1`
   Write, for example, `timeout_factor = 10`.

[trials]
memory = "4 apples"
-> 8: `trials.memory` must be a size like "4G" or a number of bytes, not `"4 apples"`
   Write, for example, `memory = "4G"`.

[trials]
memory = 4
-> 8: `trials.memory` is 4 bytes, which is less than any run needs
   Write a unit, for example `memory = "4G"`.

[trials]
memory = "16 K"
-> 8: `trials.memory` is 16,384 bytes, which is less than any run needs
   Write a unit, for example `memory = "16G"`.

[trials]
disk = 4
-> 8: `trials.disk` is 4 bytes, which is less than any run needs
   Write a unit, for example `disk = "4G"`.

[trials]
disk = ["2G"]
-> 8: `trials.disk` must be a size like "4G" or a number of bytes, not `["2G"]`
   Write, for example, `disk = "2G"`.

[trials]
containment = "stict"
-> 8: `trials.containment` must be `strict`, `copy` or `none`, not `"stict"`
   Write, for example, `containment = "copy"`.

[trials]
containment = true
-> 8: `trials.containment` must be `strict`, `copy` or `none`, not `true`
   Write, for example, `containment = "copy"`.

[trials]
network = "no"
-> 8: `trials.network` must be true or false, not `"no"`
   Write, for example, `network = false`.

[trials]
writable = "/data"
-> 8: `trials.writable` must be a list of folders, with at least one, not `"/data"`
   Write, for example, `writable = ["~/my-results"]`.

[trials]
writable = ["/data", "//"]
-> 8: `trials.writable` must not hold `//`: nothing would be kept from the program
   Name the folders that the program writes to, one by one.

[subject]
name = "a"
command = ["train.py"]
credentials = []
-> 4: `subject.credentials` must be a list of strings, with at least one, not `[]`
   Write, for example, `credentials = ["HF_TOKEN"]`.

[trials]
rules = ["prob"]
-> 8: `trials.rules` has the unknown rule `prob`: did you mean `probe`?
   Choose from same-code, probe, unused-default, same-call, unread, together, stuck.

[verdicts]
alpha = 0.6
-> 8: `verdicts.alpha` must be a number, above 0 and at most 0.5, not `0.6`
   Write, for example, `alpha = 0.05`.

[verdicts]
alpha = "5%"
-> 8: `verdicts.alpha` must be a number, above 0 and at most 0.5, not `"5%"`
   Write, for example, `alpha = 0.05`.

[verdicts]
time_margin = -0.1
-> 8: `verdicts.time_margin` must be a share of the clean time, at least 0 and below 1,000,000, not `-0.1`
   Write, for example, `time_margin = 0.1`.

[metrics.loss]
margin = 0
-> 8: `metrics.loss.margin` must be a number above 0, or a share like "2%", not `0`
   Write, for example, `margin = 0.02`.

[metrics.loss]
range = [0, 1]
margin = 1
-> 9: `metrics.loss.margin` is as large as the whole range, 0 to 1: all values would count as equivalent
   Choose a smaller margin.

[metrics.loss]
pattern = '('
-> 8: `metrics.loss.pattern` is no regular expression: missing ), unterminated subpattern at position 0
   Correct the pattern; write it in single quotes, so that backslashes stay.

[metrics.loss]
pattern = 'loss'
-> 8: `metrics.loss.pattern` must have exactly one group, around the number; it has none
   Put parentheses around the number; write further groups as (?:…).

[metrics.loss]
better = "smaller"
-> 8: `metrics.loss.better` must be `higher` or `lower`, not `"smaller"`
   Write, for example, `better = "higher"`.

[metrics.loss]
range = [1, 0]
-> 8: `metrics.loss.range` must be two numbers, the smaller one first, not `[1, 0]`
   Write, for example, `range = [0, 1]`.

[phases]
learning = "train.py"
-> 8: `phases.learning` must be a file and a line like `train.py:40`, not `"train.py"`
   Write, for example, `learning = "train.py:88"`.

[phases]
learning = 88
-> 8: `phases.learning` must be a file and a line like `train.py:40`, not `88`
   Write, for example, `learning = "train.py:88"`.

[phases]
"a,b" = "train.py:1"
-> 8: `phases.a,b` has a comma in its name
   Choose a name without commas.

[mutants]
per_file = 0
-> 8: `mutants.per_file` must be a whole number of at least 1, not `0`
   Write, for example, `per_file = 50`.

[mutants]
operators = ["nvr"]
-> 8: `mutants.operators` has the unknown operator `nvr`: did you mean `NVR`?
   Choose from ArOR, BitOR, ComOR, LogOR, AsOR, MemOR, BVR, NVR.

[mutants]
operators = ["XYZ"]
-> 8: `mutants.operators` has the unknown operator `XYZ`
   Choose from ArOR, BitOR, ComOR, LogOR, AsOR, MemOR, BVR, NVR.

[mutants]
operators = []
-> 8: `mutants.operators` must be a list of operator names, with at least one, not `[]`
   Write, for example, `operators = ["ComOR", "NVR"]`.

[mutants]
families = ["table3"]
-> 8: `mutants.families` has the unknown family `table3`: did you mean `table2`?
   Choose from table2.

[mutants]
families = ["table2"]
operators = ["NVR"]
-> 8: `mutants.families` has no effect beside `operators`, which names the operators one by one
   Remove one of the two.

[data]
requirement = "a==1"
sha256 = "0"
-> 7: `data.extract` is missing
   Add it under [data], for example `extract = ["data.tar.gz", "reviews.txt"]`.

[data]
extract = [1]
-> 7: `data.requirement` is missing
   Add it under [data], for example `requirement = "reviews==1.0"`.

[data]
extra = 1
-> 8: `data.extra` is unknown: did you mean `extract`?
   Correct the name.
"""
"""Lines of a file, the message, and the hint. Lines without a subject follow ``LEAST``."""


def rows() -> list[tuple[str, str, str]]:
    """Return the lines, the message and the hint of each mistake in the table."""
    parts = (row.partition("\n-> ") for row in TABLE.strip("\n").split("\n\n"))
    return [(lines, *answer.split("\n   ")) for lines, _, answer in parts]


def mistake(folder: Path, text: str, profile: str | None = None) -> UsageError:
    """Return the error for a settings file."""
    file = folder / "trainwreck.toml"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(UsageError) as caught:
        load_settings(file, profile)
    assert caught.value.exit_code is ExitCode.USAGE
    return caught.value


@pytest.mark.parametrize(("lines", "message", "hint"), rows(), ids=lambda text: text[:60])
def test_a_mistake_in_trainwreck_toml_has_this_message(
    tmp_path: Path, lines: str, message: str, hint: str
) -> None:
    error = mistake(tmp_path, lines + "\n" if "subject" in lines else f"{LEAST}{lines}\n")
    assert error.what == f"{tmp_path / 'trainwreck.toml'}:{message}"
    assert error.hint == hint


REFUSED = {
    "subject.requirements": ("true",),
    "subject.programs": ('"g++"', "[]"),
    "subject.env": ('["A"]',),
    "trials.seeds": ("0", "1.5", "-1", "true"),
    "trials.repeats": ("-1",),
    "trials.clean": ("0",),
    "trials.folds": ("0", "true"),
    "trials.timeout_factor": ("nan", "inf", "true", "1_000_000"),
    "trials.clean_timeout": ("nan", "inf", "0"),
    "trials.memory": ("-1", "0", '"0G"', "true", "1.5", '"4T"', f'"{10**400}G"'),
    "trials.rules": ("[1]", '"probe"'),
    "mutants.seed": ("-1",),
    "mutants.operators": ("[1]", '"NVR"', "[[]]"),
    "mutants.families": ("[]", '"table2"'),
    "verdicts.alpha": ("0", "nan", "0.6", "true"),
    "verdicts.time_margin": ("inf", "nan"),
    "metrics.loss.margin": ("inf", "nan", "true", '"-2%"', '"two"', "[1]"),
    "metrics.loss.range": (
        "[1]",
        '["a", "b"]',
        "[nan, 1]",
        "[0, nan]",
        "[false, true]",
        f"[0, {10**400}]",
    ),
    "metrics.loss.better": ("3", "[]"),
    "metrics.loss.pattern": ("3",),
    "phases.learning": ('"train.py:0"', '"train.py:²"', '":1"', "[]"),
    "data.extract": ('"a"',),
}


@pytest.mark.parametrize(
    ("key", "value"), [(key, value) for key, values in REFUSED.items() for value in values]
)
def test_a_value_outside_the_bounds_of_its_key_is_refused(
    tmp_path: Path, key: str, value: str
) -> None:
    section, _, name = key.rpartition(".")
    required = 'requirement = "a==1"\nsha256 = "0"\n' if section == "data" else ""
    text = f"{required}{name} = {value}\n"
    if section == "subject":
        text = LEAST.replace("[metrics.", f"{text}[metrics.")
    else:
        text = f"{LEAST}[{section}]\n{text}"
    line = text.splitlines().index(f"{name} = {value}") + 1
    error = mistake(tmp_path, text)
    assert f"trainwreck.toml:{line}: `{key}` must be " in error.what
    assert error.hint.startswith("Write, for example, `")


@pytest.mark.parametrize("section", ["mutants", "trials", "verdicts", "phases", "profiles", "data"])
def test_a_section_that_is_no_table_is_refused(tmp_path: Path, section: str) -> None:
    error = mistake(tmp_path, f"{section} = 3\n{LEAST}")
    assert error.what.endswith(f":1: `{section}` must be a table")
    assert error.hint == f"Write a section [{section}] with its keys below."


def test_a_mistake_in_an_inline_table_has_the_line_of_the_table(tmp_path: Path) -> None:
    error = mistake(tmp_path, "\ntrials = { seeds = 0 }\n" + LEAST)
    assert ":2: `trials.seeds` must be" in error.what


PROFILES = """
[profiles.broken.trials]
seeds = 0
sedes = 1

[profiles.empty]
trials = 3
"""


def test_a_mistake_in_a_profile_has_the_line_in_the_profile(tmp_path: Path) -> None:
    error = mistake(tmp_path, LEAST + PROFILES, "broken")
    assert ":10: `trials.sedes` is unknown" in error.what
    error = mistake(tmp_path, (LEAST + PROFILES).replace("sedes = 1\n", ""), "broken")
    assert ":9: `trials.seeds` must be a whole number of at least 1" in error.what


def test_a_mistake_outside_a_profile_keeps_its_line(tmp_path: Path) -> None:
    text = LEAST + "[trials]\nclean_timeout = 0\n" + PROFILES.replace("seeds = 0\nsedes = 1\n", "")
    assert ":8: `trials.clean_timeout`" in mistake(tmp_path, text, "broken").what


def test_a_profile_that_is_no_table_is_refused(tmp_path: Path) -> None:
    error = mistake(tmp_path, LEAST + PROFILES, "empty")
    assert error.what.endswith(":13: `profiles.empty.trials` must be a table")
    error = mistake(tmp_path, LEAST + "[profiles]\npaper = 3\n", "paper")
    assert error.what.endswith(":8: `profiles.paper` must be a table")


def test_an_unknown_profile_is_answered_with_the_profiles_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "trainwreck.toml"
    error = mistake(tmp_path, LEAST + PROFILES, "brokn")
    assert error.what == f"{file}: there is no profile `brokn`: did you mean `broken`?"
    assert error.hint == "Choose from broken, empty."
    error = mistake(tmp_path, LEAST, "paper")
    assert error.what == f"{file}: there is no profile `paper`"
    assert error.hint == "Go without a profile; this file has none."


def test_a_folder_without_trainwreck_toml_is_a_usage_error(tmp_path: Path) -> None:
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path / "trainwreck.toml")
    assert caught.value.what == f"there is no trainwreck.toml in {tmp_path}"
    assert caught.value.hint.startswith("Change to the folder of your program, or write the file")


def test_a_mark_of_the_byte_order_is_no_mistake(tmp_path: Path) -> None:
    file = tmp_path / "trainwreck.toml"
    file.write_text(LEAST, encoding="utf-8-sig")
    assert load_settings(file).subject.name == "my-training"
