"""A few disturbances of small campaigns; `make chaos` tries many more."""

import shutil
from pathlib import Path

import pytest

from chaos import lives
from hostile import has_levels

SEED = 20
FEW = 8

pytestmark = [
    pytest.mark.skipif(not has_levels(), reason="no level of containment is known yet"),
    pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler is here"),
    pytest.mark.timeout(900),
]


def test_disturbed_campaigns_hold_what_undisturbed_ones_hold(tmp_path: Path) -> None:
    found = list(lives(SEED, FEW, None, tmp_path))
    assert sum(attempt.hit for life in found for attempt in life.attempts) >= FEW
    assert [problem for life in found for problem in life.all_problems] == []
