"""Settings files: what is read, defaults, profiles and fingerprints."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from trainwreck.errors import UsageError
from trainwreck.model import (
    Better,
    DrawMethod,
    Margin,
    OperatorCode,
    PhaseMark,
    VerdictSettings,
    Which,
)
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import load_settings

STUDIES = Path(__file__).parents[2] / "studies"

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
clean = 5
seeds = 3
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
"""


def read(folder: Path, text: str, profile: str | None = None, python: str = "") -> Settings:
    file = folder / "trainwreck.toml"
    file.write_text(text)
    return load_settings(file, profile, python)


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
    assert settings.verdicts == VerdictSettings(alpha=0.05, time_margin=0.1)
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
    assert (settings.trials.clean, settings.trials.seeds) == (5, 3)
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
    machine = '[trials]\nclean = 5\nseeds = 3\nmemory = "1G"\ntimeout_factor = 3\n'
    assert read(tmp_path, LEAST + machine, python="other").fingerprint == before
    for change in ("[trials]\nfolds = 3\n", "[mutants]\nseed = 1\n", "[mutants]\nper_file = 1\n"):
        assert read(tmp_path, LEAST + change).fingerprint != before


def test_a_fingerprint_changes_with_what_is_read_and_not_with_which_value_counts(
    tmp_path: Path,
) -> None:
    before = read(tmp_path, LEAST).subject
    # Campaigns of earlier versions are resumed under this fingerprint.
    assert before.fingerprint == "056e965e7941956f"
    best = read(tmp_path, f'{LEAST}which = "best"\nmargin = 0.1\n').subject
    assert best.metrics[0].which is Which.BEST
    assert best.fingerprint == before.fingerprint
    pattern = "pattern = 'accuracy: (\\d\\.\\d+)'"
    changes = [
        LEAST + 'stream = "stderr"\n',
        LEAST.replace(pattern, 'file = "a.csv"\ncolumn = "x"'),
        LEAST.replace(pattern, 'file = "b.csv"\ncolumn = "x"'),
        LEAST.replace(pattern, 'file = "a.csv"\ncolumn = "y"'),
    ]
    found = {read(tmp_path, text).subject.fingerprint for text in changes}
    assert len(found - {before.fingerprint}) == 4


@pytest.mark.parametrize("key", ["pin", "signals"])
def test_pin_and_signals_are_on_and_count_where_they_are_off(tmp_path: Path, key: str) -> None:
    plain = read(tmp_path, LEAST)
    on, off = (
        read(tmp_path, LEAST.replace("[metrics", f"{key} = {value}\n[metrics", 1))
        for value in ("true", "false")
    )
    assert getattr(plain.subject, key)
    assert not getattr(off.subject, key)
    assert plain.fingerprint == on.fingerprint != off.fingerprint


@pytest.mark.parametrize(
    ("memory", "expected"),
    [
        ('"4G"', 4 << 30),
        ('"512M"', 512 << 20),
        ('"100000 KB"', 100_000 << 10),
        ('"2GiB"', 2 << 30),
        ("2000000", 2_000_000),
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


def test_the_studies_that_ship_with_the_tool_can_be_read_in_every_profile() -> None:
    studies = sorted(STUDIES.glob("*/trainwreck.toml"))
    assert studies
    for file in studies:
        load_settings(file)
        for profile in re.findall(r"\[profiles\.(\w+)", file.read_text()):
            load_settings(file, profile)


FINGERPRINTS = [
    ("keras", None, "6793288049ec8184", "ec64e3b398156926"),
    ("keras", "paper", "12b0824c62fab761", "b68174c01990b176"),
    ("keras", "tiny", "1fae5e63613a5db5", "3a1e59ea8f86cd1b"),
    ("keras-2.3", None, "cb3393358ffb0580", "a5dfda3c9527561d"),
    ("keras-2.3", "paper", "407ae0b6316b3031", "2b4858f870c93c62"),
    ("keras-2.3", "tiny", "50df8f49efda08c5", "785b4cb878d932f1"),
    ("pytensor", None, "d110ebc59f9f11b4", "ae9e3a746f3e6723"),
    ("pytensor", "paper", "8ace8d02f616d828", "ad52e88eeec912c5"),
    ("pytensor", "tiny", "2eb8e9c47019906c", "5999368a534c5457"),
    ("tensorflow", None, "55e3c51e00356d27", "c8bc4b857839add5"),
    ("tensorflow", "paper", "29f997031fc74ef1", "2b5a241c6051d741"),
    ("tensorflow", "tiny", "b18be831fcc4da4c", "f2fe657167beb125"),
    ("tensorflow-1.15", None, "ae477cac355104ae", "be94195d7d62b9d1"),
    ("tensorflow-1.15", "paper", "1d2f8896da776e98", "3d4ee597950286fe"),
    ("tensorflow-1.15", "tiny", "3c8269e88729fe33", "c06d92bc0b83bf1c"),
    ("theano-1.0", None, "86e40def73172914", "7bf85a415397aaf5"),
    ("theano-1.0", "paper", "8dd8e3253a6a1094", "f8ecd2c4aafc708a"),
    ("theano-1.0", "tiny", "6b4912f885551a54", "e0e9cc34122a10e5"),
    ("torch", None, "154c9fd22cf49547", "c71a4b7577b478d3"),
    ("torch", "paper", "9dd23939b06c5435", "7538ac07ee18406a"),
    ("torch", "tiny", "92131b720c231c20", "f6e4ee6fb57dde02"),
]
"""Of every bundled study and profile: the fingerprints that committed campaigns hold."""


def test_annotations_are_left_out_unless_the_draw_is_that_of_the_paper(tmp_path: Path) -> None:
    def mutants(text: str) -> tuple[DrawMethod, bool]:
        settings = read(tmp_path, f"{LEAST}[mutants]\n{text}\n").mutants
        return settings.draw, settings.annotations

    assert mutants("") == (DrawMethod.STRATIFIED, False)
    assert mutants("annotations = true") == (DrawMethod.STRATIFIED, True)
    assert mutants('draw = "paper"') == (DrawMethod.PAPER, True)
    assert mutants('draw = "paper"\nannotations = false') == (DrawMethod.PAPER, False)


def test_the_fingerprint_depends_on_draw_and_annotations(tmp_path: Path) -> None:
    texts = ["", "annotations = true", 'draw = "paper"', 'draw = "paper"\nannotations = false']
    settings = [read(tmp_path, f"{LEAST}[mutants]\n{text}\n") for text in texts]
    assert len({each.fingerprint for each in settings}) == len(texts)
    paper = settings[2].fingerprint
    assert {each.as_before_strata().fingerprint for each in settings} == {paper}


@pytest.mark.parametrize(
    ("lines", "problem"),
    [
        ('watch = "monitors.py"', "must name a function of the program as `FILE.py:NAME`"),
        ('watch = "/tmp/monitors.py:rises"', "must name a function of the program"),
        ('watch = "../monitors.py:rises"', "must name a function of the program"),
        ('watch = "a.py:f"\ncommand = ["a.py"]', "is there beside `command`"),
    ],
)
def test_a_function_that_cannot_watch_is_refused(tmp_path: Path, lines: str, problem: str) -> None:
    with pytest.raises(UsageError, match=re.escape(problem)):
        read(tmp_path, f"{LEAST}[checks.rises]\n{lines}\n")


def test_files_that_are_left_out_make_another_campaign(tmp_path: Path) -> None:
    texts = ["", 'exclude = ["a.py"]', 'exclude = ["b.py"]', 'draw = "paper"\nexclude = ["a.py"]']
    settings = [read(tmp_path, f"{LEAST}[mutants]\n{text}\n") for text in texts]
    assert [each.mutants.exclude for each in settings] == [(), ("a.py",), ("b.py",), ("a.py",)]
    assert len({each.fingerprint for each in settings}) == len(texts)


@pytest.mark.parametrize(("study", "profile", "settings", "subject"), FINGERPRINTS)
def test_the_fingerprints_of_a_bundled_study_stay(
    study: str, profile: str | None, settings: str, subject: str
) -> None:
    read_settings = load_settings(STUDIES / study / "trainwreck.toml", profile)
    assert read_settings.fingerprint == settings
    assert read_settings.subject.fingerprint == subject


def test_the_fingerprints_of_settings_with_chosen_operators_stay(tmp_path: Path) -> None:
    settings = read(tmp_path, WHOLE.replace("seed = 7", 'seed = 7\ndraw = "paper"'))
    assert (settings.fingerprint, settings.subject.fingerprint) == (
        "fecc71e8a33546b0",
        "8cd389fa55201338",
    )


def test_the_metrics_of_the_page_about_metrics_can_be_read(tmp_path: Path) -> None:
    page = (STUDIES.parent / "docs" / "metrics.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```toml\n(\[metrics\..*?)```", page, re.DOTALL)
    assert len(blocks) == 2
    settings = read(tmp_path, '[subject]\nname = "a"\ncommand = ["a.py"]\n' + "\n".join(
        block.replace("[metrics.loss]", "[metrics.logged]") for block in blocks))  # fmt: skip
    by_name = {metric.name: metric for metric in settings.subject.metrics}
    assert by_name["accuracy"].spans_lines
    assert re.search(by_name["eval_loss"].pattern, "{'eval_loss': 0.52, 'epoch': 1.0}")
    assert by_name["logged"].stream == "stderr"
