"""The adapters of studies/league, for real: each fires on a planted bug, and on no clean program.

An environment with PyTorch and detectors takes minutes to make: the test of `torch` runs where
`tools/league.py` has made it.
"""

import os
import re
import runpy
import subprocess
from pathlib import Path

import pytest

from guest import ROOT
from trainwreck.subject.preparation import has_environment, interpreter_of
from trainwreck.subject.settings_file import FILE_NAME, load_settings

pytestmark = [pytest.mark.study, pytest.mark.timeout(1800)]

LEAGUE = runpy.run_path(str(ROOT / "tools" / "league.py"))
TINY = {
    "torch": "--epochs 1 --snippets 600 --dimension 8 --feature-maps 4 --passes 1",
    "keras": "--epochs 1 --snippets 600 --vocabulary 500 --passes 1 --dimension 10",
}
BUGS = {
    "torch": ("batches.py", "start += size", "start += size + 1", {"trainparity"}),
    "keras": (
        "train.py",
        "rows[:-held_out], labels[:-held_out]",
        'rows[:-held_out], labels[:-held_out] * float("nan")',
        {"terminate-on-nan"},
    ),
}


@pytest.mark.parametrize("study", TINY)
def test_league_detectors_fire_on_a_planted_bug_alone(
    study: str, tmp_path: Path, user_cache: Path
) -> None:
    folder = tmp_path / study
    LEAGUE["assemble"](study, folder)
    settings = load_settings(folder / FILE_NAME)
    data = sorted((user_cache / "data").glob("*/movieReviewSnippets_GroundTruth.txt"))
    if not data or not has_environment(settings, user_cache):
        pytest.skip(
            f"{study}: `trainwreck study {study}` or `tools/league.py` fetches what it needs"
        )
    python = interpreter_of(settings, user_cache, print)
    words = ["watched", "--data", str(data[0].parent), "--seed", "1", *TINY[study].split()]
    environment = {**os.environ, **dict(settings.subject.env), "OMP_NUM_THREADS": "1"}

    def fired() -> set[str]:
        run = subprocess.run(
            [python, *words],
            cwd=folder,
            env=environment,
            capture_output=True,
            text=True,
            timeout=600,
            check=True,
        )
        return set(re.findall(r"^trainwreck-check: (\S+) fired", run.stdout, re.MULTILINE))

    assert fired() == set()
    file, before, after, expected = BUGS[study]
    text = (folder / file).read_text(encoding="utf-8")
    assert before in text
    (folder / file).write_text(text.replace(before, after), encoding="utf-8")
    assert expected <= fired()
