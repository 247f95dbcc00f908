"""Settings that init writes, read again: subject/settings_writing.py."""

from pathlib import Path

import pytest

from trainwreck.model import Better, Margin, Metric, PhaseMark
from trainwreck.model.proposal import (
    Proposal,
    SeedPlace,
    SeedWay,
    SeenMetric,
    SeenPhase,
    SeenTarget,
)
from trainwreck.report.proposal import proposal_text
from trainwreck.subject.settings import Settings
from trainwreck.subject.settings_file import load_settings
from trainwreck.subject.settings_writing import probing_text, settings_text

LOSS = Metric("loss", r"loss: (\S+)", Better.LOWER, None, Margin(0.05, is_share=True))
AUC = Metric("auc", "", Better.HIGHER, (0, 1), Margin(0.01), file="m.csv", column="auc")
HOSTILE = "a'b\"c\\d\n[subject]\x00\x1b[31m\u202e\u2028{seed}]# é🙂\x7f"


def proposal(**changes: object) -> Proposal:
    """Return a proposal with everything in it."""
    values: dict[str, object] = {
        "name": "mine",
        "command": ("train.py", "--seed", "{seed}"),
        "python": ".venv/bin/python",
        "env": (("A", "b"),),
        "seed": SeedPlace(SeedWay.OPTION, "--seed", "train.py:3"),
        "metrics": (SeenMetric(LOSS, ("0.5", "0.4")), SeenMetric(AUC, ("0.9",) * 5)),
        "others": (SeenMetric(Metric("speed", r"x (\S+)", Better.HIGHER, None), ("1",)),),
        "targets": (SeenTarget("torch.optim", 120),),
        "phases": (SeenPhase(PhaseMark("learning", "train.py", 9), "for epoch in range(3):"),),
        "has_marks": False,
        "outputs": ("model.pt",),
        "seconds": 20.0,
        "peak": 3 << 30,
        "hosts": (),
        "can_digest": False,
    }
    return Proposal(**(values | changes))  # type: ignore[arg-type]


def written(folder: Path, proposed: Proposal) -> Settings:
    """Write the settings of a proposal, and read them as any command would."""
    file = folder / "trainwreck.toml"
    file.write_text(settings_text(proposed), encoding="utf-8")
    return load_settings(file)


def test_settings_of_a_proposal_are_read_as_they_were_meant(tmp_path: Path) -> None:
    settings = written(tmp_path, proposal())
    subject = settings.subject
    assert subject.metrics == (LOSS, AUC)
    assert subject.command == ("train.py", "--seed", "{seed}")
    assert subject.python == ".venv/bin/python"
    assert subject.targets == ("app", "torch.optim")
    assert subject.phases == (PhaseMark("learning", "train.py", 9),)
    assert subject.env == (("A", "b"),)
    assert subject.takes_seed
    assert (settings.trials.clean, settings.trials.seeds) == (8, 5)
    assert settings.trials.memory == 6 << 30


def test_a_direction_that_the_name_does_not_say_is_written_as_a_guess(tmp_path: Path) -> None:
    best = Metric("best", r"best (\S+)", Better.HIGHER, None)
    proposed = proposal(metrics=(SeenMetric(best, ("0.5",), is_guessed=True), SeenMetric(LOSS, ())))
    assert written(tmp_path, proposed).subject.metrics == (best, LOSS)
    (line,) = (line for line in settings_text(proposed).splitlines() if "a guess" in line)
    assert line.startswith('better = "higher"  #')


def test_other_numbers_are_comments_that_only_need_their_sign_removed(tmp_path: Path) -> None:
    text = settings_text(proposal())
    file = tmp_path / "trainwreck.toml"
    begin = text.index("# [metrics.speed]")
    lines = text[begin:].split("\n\n")[0].splitlines()
    freed = "\n".join(line.removeprefix("# ") for line in lines)
    file.write_text(text[:begin] + freed + text[begin + sum(map(len, lines)) + len(lines) - 1 :])
    metrics = load_settings(file).subject.metrics
    assert [metric.name for metric in metrics] == ["loss", "auc", "speed"]


@pytest.mark.parametrize("way", SeedWay)
def test_every_way_of_a_seed_is_explained(tmp_path: Path, way: SeedWay) -> None:
    proposed = proposal(seed=SeedPlace(way, "1", "train.py:3"), phases=(), has_marks=True)
    assert written(tmp_path, proposed)
    assert "seed" in proposal_text(proposed)


def test_hostile_text_of_a_program_stays_within_its_strings_and_comments(tmp_path: Path) -> None:
    metric = Metric(HOSTILE, "(x)", Better.HIGHER, None, file="m.csv", column=HOSTILE)
    proposed = proposal(
        name=HOSTILE,
        command=("train.py", HOSTILE),
        env=((f"A{HOSTILE}".replace("=", "").replace("\0", ""), "b"),),
        metrics=(SeenMetric(metric, (HOSTILE,)),),
        others=(SeenMetric(metric, (HOSTILE,)),),
        targets=(),
        phases=(SeenPhase(PhaseMark("learning", "train.py", 9), HOSTILE),),
        seed=SeedPlace(SeedWay.OPTION, HOSTILE, HOSTILE),
        outputs=(HOSTILE,),
        hosts=(HOSTILE,),
    )
    text = settings_text(proposed)
    file = tmp_path / "trainwreck.toml"
    file.write_text(text.replace("\\u0000", ""), encoding="utf-8")
    settings = load_settings(file)
    assert settings.subject.name == HOSTILE.replace("\0", "")
    assert [m.name for m in settings.subject.metrics] == [HOSTILE.replace("\0", "")]
    assert not any(ord(letter) < 32 and letter != "\n" for letter in text)
    assert "\x1b" not in proposal_text(proposed)


def test_settings_for_the_first_run_name_the_folder_of_the_program(tmp_path: Path) -> None:
    folder = tmp_path / 'it\'s a "folder"'
    folder.mkdir()
    file = tmp_path / "trainwreck.toml"
    file.write_text(probing_text(["train.py"], folder, "", {"A": "{seed}"}), encoding="utf-8")
    settings = load_settings(file)
    assert settings.folder == folder
    assert settings.subject.env == (("A", "{seed}"),)
