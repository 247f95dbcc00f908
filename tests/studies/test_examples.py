"""Every example, for real: its environment, clean runs, and two bugs whose fate is known.

Each fate is checked by a planter that shares no code with the tool. Slow, like the studies:
``pytest -m study``.
"""

import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from conftest import tree_hash
from example_programs import EXAMPLES, example_programs
from planted import Planted, crash, silent
from planter import Program, Run, plant_and_run
from test_studies import fates, mutant_of, smoke_of
from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.session import Session
from trainwreck.exchange.writer import mutant_fields
from trainwreck.model import APP, Mutant, PlannedMutant, Symptom
from trainwreck.subject.preparation import obstacles
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import FILE_NAME, load_settings

sys.path.insert(0, str(EXAMPLES))
from upstream import PROGRAMS, fetch

pytestmark = [pytest.mark.study, pytest.mark.timeout(1800)]

LIMIT = 120.0
TRAIN = "train.py"
DIGITS, CURVES = "plot_digits_classification.py", "plot_mlp_training_curves.py"
NAMES = "names/__main__.py"

BUGS: dict[str, tuple[Planted, ...]] = {
    "torch-workers": (
        crash(APP, TRAIN, "self.head = nn.Linear(8 * 16, 3)", "*", "/"),
        silent(APP, TRAIN, "if batch % args.log_interval == 0", "==", "!="),
    ),
    "torch-ranks": (
        crash(APP, TRAIN, "nn.Linear(20, 16)", "20", "21"),
        silent(APP, TRAIN, "if self.rank == 0 and epoch == epochs - 1", "-", "+"),
    ),
    "transformers": (
        crash(APP, TRAIN, "n_embd=24", "24", "25"),
        silent(APP, TRAIN, "bos_token_id=0", "0", "1"),
    ),
    "lightning": (
        crash(APP, TRAIN, "nn.Linear(24, 16)", "24", "25"),
        silent(APP, TRAIN, "log_every_n_steps=4", "4", "5"),
    ),
    "keras-jax": (
        crash(APP, TRAIN, "keras.Input(shape=(7,))", "7", "8"),
        silent(APP, TRAIN, "model.evaluate(x_test, y_test, verbose=0)", "0", "1"),
    ),
    "optax": (
        crash(APP, TRAIN, "jax.random.key(seed), [2, 32, 32, 1]", "2", "3"),
        silent(APP, TRAIN, "if len(sys.argv) > 1", ">", ">="),
    ),
    "flax": (
        crash(APP, "02_lifted_transforms.py", "model = MLP(din=1", "1", "2"),
        silent(APP, "02_lifted_transforms.py", "if step >= total_steps - 1", "-", "+"),
    ),
    "digits": (
        crash(APP, DIGITS, '"Training: %i" % label', "%", "/"),
        silent(APP, DIGITS, "figsize=(10, 3)", "10", "11"),
    ),
    "perceptrons": (
        crash(APP, CURVES, '"Training set score: %f" % mlp', "%", "/"),
        silent(APP, CURVES, "figsize=(15, 10)", "15", "16"),
    ),
    "lightgbm": (
        crash(APP, TRAIN, "test_size=0.3", "0.3", "1.3"),
        silent(APP, TRAIN, '"verbose": -1', "-", "+"),
    ),
    "names": (
        crash(APP, "names/model.py", "nn.Linear(config.width, 3 * config.width)", "*", "/"),
        silent(APP, NAMES, "sample(model, 4,", "4", "5"),
    ),
}


@pytest.fixture(scope="module", autouse=True)
def upstream_programs() -> None:
    for program in PROGRAMS:
        fetch(program)


def test_every_example_has_bugs_to_plant() -> None:
    folders = {path.parent.name for path in EXAMPLES.glob(f"*/{FILE_NAME}")}
    assert folders == set(BUGS) == set(example_programs())


@pytest.mark.parametrize("example", BUGS)
def test_known_bugs_meet_their_fate_whoever_plants_them(
    example: str, tmp_path: Path, user_cache: Path, no_process_is_left: None
) -> None:
    settings = smallest(load_settings(EXAMPLES / example / FILE_NAME))
    missing = obstacles(settings)
    if missing:
        pytest.skip(f"{example}: {'; '.join(missing)}")
    before = tree_hash(EXAMPLES / example)
    with smoke_of(settings, tmp_path / "campaign", user_cache) as smoke:
        run_baseline(smoke)
        make_plan(smoke)
        bugs = {mutant_of(smoke, bug): bug for bug in BUGS[example]}
        assert fates(smoke, bugs) == {bug: bug.symptom for bug in BUGS[example]}
        check_with_planter(example, smoke, bugs, tmp_path / "planted")
    assert tree_hash(EXAMPLES / example) == before, "the program was changed"


def smallest(settings: Settings) -> Settings:
    """One seed, and as few clean runs as show that the program repeats."""
    return replace(settings, trials=replace(settings.trials, clean=1, repeats=1, seeds=1))


def unless_by_chance(program: Program, record: Mapping[str, Any] | None, scratch: Path) -> Run:
    """A run; it is repeated where it crashed after it had printed as much as it ever does.

    One in a hundred runs of two processes with PyTorch's Gloo aborts while Python ends
    (https://github.com/pytorch/pytorch/pull/179291).
    """
    run = plant_and_run(program, record, scratch, LIMIT)
    crashed_late = run.end == "crash" and run.values
    return plant_and_run(program, record, scratch, LIMIT) if crashed_late else run


def check_with_planter(
    example: str, smoke: Session, bugs: dict[Mutant, Planted], scratch: Path
) -> None:
    python = Path(smoke.subject.interpreter.executable)
    program: Program = replace(example_programs()[example], python=python)
    clean = unless_by_chance(program, None, scratch)
    assert clean.end == "normal"
    for mutant, bug in bugs.items():
        run = unless_by_chance(program, mutant_fields(PlannedMutant(mutant, ())), scratch)
        assert run.reached, mutant.name
        assert Symptom(run.end) is bug.symptom, mutant.name
