"""Options and seeds that the text of a program shows: subject/program_text.py."""

from pathlib import Path

import pytest

from trainwreck.model.proposal import SeedPlace, SeedWay
from trainwreck.subject.program_text import entry_of, read_program, with_seed

SEEDS = [
    ("p.add_argument('--seed', type=int)", SeedWay.OPTION, "--seed"),
    ("p.add_argument('-s', '--random_seed')", SeedWay.OPTION, "--random_seed"),
    ("p.add_argument('--manualSeed', type=int)", SeedWay.OPTION, "--manualSeed"),
    ("@click.option('--seed', default=1)\ndef main(seed): pass", SeedWay.OPTION, "--seed"),
    ("flags.DEFINE_integer('seed', 1, 'help')", SeedWay.OPTION, "--seed"),
    ("HfArgumentParser(TrainingArguments)", SeedWay.OPTION, "--seed"),
    ("class A:\n    seed: int = 1\nargs = tyro.cli(A)", SeedWay.OPTION, "--seed"),
    ("import fire\ndef main(lr=0.1, seed=None): pass\nfire.Fire(main)", SeedWay.OPTION, "--seed"),
    (
        "import fire\nclass R:\n def fit(self, seed=0): pass\n def other(self): pass\nfire.Fire(R)",
        SeedWay.NONE,
        "",
    ),
    ("import typer\ndef f(*, rng_seed: int = 1): pass\ntyper.run(f)", SeedWay.OPTION, "--rng-seed"),
    (
        "import typer\napp = typer.Typer()\n@app.command()\ndef f(x, seed: int = 1): pass\napp()",
        SeedWay.OPTION,
        "--seed",
    ),
    ("import typer\ndef helper(seed=1): pass\ndef f(): pass\ntyper.run(f)", SeedWay.NONE, ""),
    ("seed = int(sys.argv[1]) if len(sys.argv) > 1 else 0", SeedWay.ARGUMENT, "1"),
    ("torch.manual_seed(int(sys.argv[2]))", SeedWay.ARGUMENT, "2"),
    ("SEED = int(os.environ.get('SEED', 0))", SeedWay.VARIABLE, "SEED"),
    ("np.random.seed(int(os.environ['MY_RUN']))", SeedWay.VARIABLE, "MY_RUN"),
    ("x = os.getenv('RANDOM_SEED')", SeedWay.VARIABLE, "RANDOM_SEED"),
    ("torch.manual_seed(0)", SeedWay.NONE, ""),
    ("p.add_argument('--seed-file')", SeedWay.NONE, ""),
    ("os.environ.get('PYTHONHASHSEED')", SeedWay.NONE, ""),
    ("rate = float(sys.argv[1])", SeedWay.NONE, ""),
    ("print 'python 2'", SeedWay.NONE, ""),
]


@pytest.mark.parametrize(("text", "way", "name"), SEEDS, ids=lambda value: str(value)[:40])
def test_the_seed_that_a_program_takes(tmp_path: Path, text: str, way: SeedWay, name: str) -> None:
    (tmp_path / "train.py").write_text(text)
    seed = read_program(tmp_path, ["train.py"]).seed
    assert (seed.way, seed.name) == (way, name)
    assert seed.where.startswith("train.py:") or way is SeedWay.NONE


def test_a_seed_among_the_settings_of_hydra_is_overridden(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("import hydra\n")
    (tmp_path / "conf").mkdir()
    (tmp_path / "conf" / "config.yaml").write_text("lr: 0.1\nseed: 3\n")
    seed = read_program(tmp_path, ["train.py"]).seed
    assert seed == SeedPlace(SeedWay.OPTION, "seed", "conf/config.yaml:2")


OPTION, ARGUMENT = SeedPlace(SeedWay.OPTION, "--seed"), SeedPlace(SeedWay.ARGUMENT, "1")
PLACES = [
    ("train.py", OPTION, "train.py --seed {seed}"),
    ("train.py --seed 3 --lr 1", OPTION, "train.py --seed {seed} --lr 1"),
    ("train.py --seed=3", OPTION, "train.py --seed={seed}"),
    ("train.py", ARGUMENT, "train.py {seed}"),
    ("train.py 7 x", ARGUMENT, "train.py {seed} x"),
    ("train.py data.csv", ARGUMENT, None),
    ("-m pkg", ARGUMENT, None),
    ("train.py", SeedPlace(SeedWay.VARIABLE, "SEED"), "train.py"),
    ("train.py a=1", SeedPlace(SeedWay.OPTION, "seed"), "train.py a=1 seed={seed}"),
    ("train.py", SeedPlace(), None),
]


@pytest.mark.parametrize(("command", "seed", "expected"), PLACES)
def test_a_seed_is_handed_over_where_the_program_takes_it(
    command: str, seed: SeedPlace, expected: str | None
) -> None:
    placed = with_seed(command.split(), seed, "train.py")
    assert (" ".join(placed[0]) if placed else None) == expected
    if placed and seed.way is SeedWay.VARIABLE:
        assert placed[1] == {"SEED": "{seed}"}


def test_the_program_is_what_the_command_and_its_imports_lead_to(tmp_path: Path) -> None:
    (tmp_path / "pkg").mkdir()
    (tmp_path / "pkg" / "__main__.py").write_text("from .model import Net\nimport pkg.data\n")
    (tmp_path / "pkg" / "model.py").write_text("import torch\n")
    (tmp_path / "pkg" / "data.py").write_text("from numpy import zeros\n# phase: learning\nx = 1\n")
    (tmp_path / "unrelated.py").write_text("p.add_argument('--seed')\n")
    program = read_program(tmp_path, ["-m", "pkg"])
    assert program.entry == "pkg/__main__.py"
    assert set(program.files) == {"pkg/__main__.py", "pkg/model.py", "pkg/data.py"}
    assert {"torch", "numpy"} <= program.packages
    assert program.has_marks
    assert program.seed.way is SeedWay.NONE


def test_the_entry_behind_a_launcher(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("")
    words = ["-m", "torch.distributed.run", "--nproc_per_node=2", "train.py", "--seed", "1"]
    assert entry_of(tmp_path, words) == tmp_path / "train.py"
    assert entry_of(tmp_path, ["-c", "print(1)"]) is None


def test_options_that_make_a_run_shorter_name_its_length_first(tmp_path: Path) -> None:
    names = ["--max-samples", "--lr", "--epochs", "--device", "--max_steps"]
    (tmp_path / "train.py").write_text("\n".join(f"p.add_argument('{n}')" for n in names))
    shorter = read_program(tmp_path, ["train.py"]).shorter()
    assert shorter == ["--epochs", "--max_steps", "--max-samples"]


def test_a_program_that_no_python_3_reads_has_a_problem(tmp_path: Path) -> None:
    (tmp_path / "train.py").write_text("print 'loss: 0.5'\n")
    assert "print" in read_program(tmp_path, ["train.py"]).problem
