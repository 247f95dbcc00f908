"""The command `init` on every example, for real, against the settings that were written by hand.

Slow, like the studies: ``make examples``. An example whose environment does not exist is skipped.
"""

import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from example_programs import EXAMPLES
from trainwreck.campaign.init.numbers import values_read
from trainwreck.campaign.init.observe import observe
from trainwreck.campaign.init.propose import Typed, proposal_of, seeded
from trainwreck.model import Metric
from trainwreck.model.proposal import Proposal, SeedWay
from trainwreck.subject.command_lines import read_command_line
from trainwreck.subject.preparation import interpreter_of, obstacles
from trainwreck.subject.program_text import read_program
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.settings_writing import settings_text

sys.path.insert(0, str(EXAMPLES))
from upstream import PROGRAMS, fetch

pytestmark = [pytest.mark.study, pytest.mark.timeout(1800)]

LIMIT = 900.0


@dataclass(frozen=True)
class Expected:
    """What init must find: the command as it is typed, a library, and how the seed goes."""

    typed: str
    library: str
    seed: SeedWay
    phases: tuple[str, ...] = ("preprocessing", "constructing", "learning")


PLAIN = ("ci/guard", "moons")
"""Examples in plain Python, the second of which has no settings: `init` writes them."""
METRICS = {"loss", "accuracy"}

FEW = ("torch-workers", "transformers", "optax", "digits")
"""Examples that differ most: worker processes, a trainer with options, tracing, a script."""

LEARNING = ("preprocessing", "learning")
OF_TRANSFORMERS = (
    "HF_HUB_OFFLINE=1 TOKENIZERS_PARALLELISM=false train.py --output_dir out --num_train_epochs 3 "
    "--per_device_train_batch_size 16 --learning_rate 0.01 --eval_strategy epoch "
    "--save_strategy no --report_to none --use_cpu --disable_tqdm true"
)
DIGITS = "MPLBACKEND=Agg plot_digits_classification.py"
CURVES = "MPLBACKEND=Agg plot_mlp_training_curves.py"
EXPECTED = {
    "torch-workers": Expected("train.py", "torch.", SeedWay.OPTION, ()),
    "torch-ranks": Expected(
        "torchrun --standalone --nproc_per_node=2 train.py", "torch.", SeedWay.OPTION
    ),
    "transformers": Expected(OF_TRANSFORMERS, "transformers.", SeedWay.OPTION, LEARNING),
    "lightning": Expected("train.py", "lightning.pytorch.", SeedWay.OPTION, LEARNING),
    "keras-jax": Expected("train.py", "keras.", SeedWay.NONE),
    "optax": Expected("train.py", "optax", SeedWay.ARGUMENT, LEARNING),
    "flax": Expected("MPLBACKEND=Agg 02_lifted_transforms.py", "flax", SeedWay.NONE, LEARNING),
    "digits": Expected(DIGITS, "sklearn.", SeedWay.NONE, LEARNING),
    "perceptrons": Expected(CURVES, "sklearn.", SeedWay.NONE, LEARNING),
    "lightgbm": Expected("train.py", "lightgbm", SeedWay.NONE, LEARNING),
    "names": Expected("-m names", "torch.", SeedWay.OPTION),
}


@pytest.fixture(scope="module", autouse=True)
def upstream_programs() -> None:
    for program in PROGRAMS:
        fetch(program)


def test_init_is_tried_on_every_example() -> None:
    settings = {str(path.parent.relative_to(EXAMPLES)) for path in EXAMPLES.rglob(FILE_NAME)}
    assert settings | {"moons"} == {*EXPECTED, *PLAIN}
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()} - {"__pycache__"}
    assert folders - {"ci", "cluster"} == {*EXPECTED, "moons"}


@pytest.mark.parametrize("example", PLAIN)
def test_init_proposes_settings_for_programs_without_libraries(
    example: str, tmp_path: Path, no_process_is_left: None
) -> None:
    folder = tmp_path / "program"
    shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns(".train*", FILE_NAME))
    proposal, _ = proposed(folder, ["train.py"], sys.executable)
    assert proposal.seed.way is SeedWay.OPTION
    assert (proposal.targets, proposal.phases) == ((), ())
    assert {metric.name for metric in read_back(folder, proposal).subject.metrics} == METRICS


CASES = [
    pytest.param(name, marks=() if name in FEW else pytest.mark.every_example) for name in EXPECTED
]


@pytest.mark.parametrize("example", CASES)
def test_init_proposes_what_was_written_by_hand(
    example: str,
    tmp_path: Path,
    user_cache: Path,
    monkeypatch: pytest.MonkeyPatch,
    no_process_is_left: None,
) -> None:
    by_hand = load_settings(EXAMPLES / example / FILE_NAME)
    missing = obstacles(by_hand)
    if missing:
        pytest.skip(f"{example}: {'; '.join(missing)}")
    monkeypatch.setenv("TRAINWRECK_CACHE", str(user_cache))
    folder = tmp_path / example
    shutil.copytree(EXAMPLES / example, folder, ignore=shutil.ignore_patterns(".train*", FILE_NAME))
    expected, python = EXPECTED[example], interpreter_of(by_hand, user_cache, print)
    proposal, output = proposed(folder, expected.typed.split(), python)
    assert proposal.seed.way is expected.seed
    assert any(target.name.startswith(expected.library) for target in proposal.targets)
    assert tuple(seen.mark.name for seen in proposal.phases) == expected.phases
    assert proposal.has_marks is (not expected.phases)
    for metric in by_hand.subject.metrics:
        assert is_proposed(metric, proposal, output), metric.name
    assert read_back(folder, proposal).subject.metrics == tuple(s.metric for s in proposal.metrics)


def proposed(folder: Path, words: list[str], python: str) -> tuple[Proposal, str]:
    """Return the proposal for a program, and what the program printed."""
    typed = Typed(folder, tuple(words), python)
    line = read_command_line(words, folder)
    text = read_program(folder, line.command)
    program, seed = seeded(typed, line, text)
    program = type(program)(folder, program.command, python, program.env)
    observed = observe(program, LIMIT, print)
    assert observed.result.outcome.exit.fine, observed.output[-2000:]
    return proposal_of(program, seed, text, observed), observed.output


def is_proposed(metric: Metric, proposal: Proposal, output: str) -> bool:
    """Return whether a metric written by hand has the values of one that init found."""
    found = [*proposal.metrics, *proposal.others]
    if metric.file:
        return any(seen.metric.column == metric.column for seen in found)
    last = float(values_read(metric.pattern, output)[-1])
    same = [seen for seen in found if float(seen.values[-1].rstrip("%")) == last]
    return any(seen.metric.better is metric.better for seen in same)


def read_back(folder: Path, proposal: Proposal) -> Settings:
    file = folder / FILE_NAME
    file.write_text(settings_text(proposal), encoding="utf-8")
    return load_settings(file)
