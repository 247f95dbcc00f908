"""Flips single bits of a campaign's file, and asks whether an answer changes without a word.

python tests/chaos/bits.py --seed 1 --count 1000 --out FILE
"""

import argparse
import contextlib
import io
import json
import shutil
import sys
import tempfile
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from random import Random

from made import keep
from trainwreck.cli.main import run
from trainwreck.errors import ExitCode, TrainwreckError
from trainwreck.store.campaign_file import FILE_NAME, CampaignFile

sys.path.insert(0, str(Path(__file__).parents[1]))


class Fate(StrEnum):
    """What one flipped bit does; the last two are defects."""

    FOUND = "found by `verify`"
    NOTHING = "changes no answer"
    SILENT = "changes an answer without a word"
    TRACEBACK = "ends a command in a traceback"


DEFECTS = frozenset([Fate.SILENT, Fate.TRACEBACK])


def fate_of(folder: Path, answers: list[str]) -> Fate:
    """Return what the damage of a campaign does, whose sound answers are these."""
    said = io.StringIO()
    with contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
        code = run(["--campaign", str(folder), "verify"])
        reading = run(["--campaign", str(folder), "status"])
    if ExitCode.OUR_FAULT in (code, reading) or "Traceback" in said.getvalue():
        return Fate.TRACEBACK
    if code != ExitCode.FINE:
        return Fate.FOUND
    try:
        return Fate.NOTHING if all_facts(folder) == answers else Fate.SILENT
    except TrainwreckError:
        return Fate.SILENT
    except Exception:  # noqa: BLE001 - `verify` found nothing, and yet it cannot be read
        return Fate.TRACEBACK


def all_facts(folder: Path) -> list[str]:
    """Return every row of a campaign as text."""
    with CampaignFile.open(folder) as file:
        return [f"{table} {row}" for table, row in file.dump(str, logs=True)]


def flips(campaign: Path, seed: int, count: int) -> Iterator[tuple[int, Fate]]:
    """Yield the number of a bit and what it does, for bits drawn from the seed."""
    random = Random(seed)
    content = (campaign / FILE_NAME).read_bytes()
    answers = all_facts(campaign)
    if run(["--campaign", str(campaign), "verify"]) != ExitCode.FINE:
        raise SystemExit("a sound campaign is taken for a damaged one")
    for _ in range(count):
        bit = random.randrange(8 * len(content))
        damaged = bytearray(content)
        damaged[bit // 8] ^= 1 << bit % 8
        with tempfile.TemporaryDirectory() as folder:
            Path(folder, FILE_NAME).write_bytes(damaged)
            yield bit, fate_of(Path(folder), answers)


def made_campaign(folder: Path) -> Path:
    """Make a campaign with every kind of run, in one file without a journal."""
    from exchanging import fill

    (folder / "made").mkdir()
    with CampaignFile.open(folder / "made", create=True) as file:
        fill(file)
    copy = folder / "campaign"
    copy.mkdir()
    shutil.copy(folder / "made" / FILE_NAME, copy)
    return copy


def main() -> int:
    """Flip bits, and keep the numbers; return 1 where an answer changes silently."""
    parser = argparse.ArgumentParser(description="Flip single bits of a campaign's file.")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--out", type=Path)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="bits-") as folder:
        found = list(flips(made_campaign(Path(folder)), asked.seed, asked.count))
    numbers = {fate.value: sum(each is fate for _, each in found) for fate in Fate}
    bad = [bit for bit, fate in found if fate in DEFECTS]
    print(json.dumps(numbers, indent=1), f"bits with a defect: {bad[:20]}")
    if asked.out:
        keep(asked.out, {"seed": asked.seed, "numbers": numbers, "bad": bad})
    return int(bool(bad))


if __name__ == "__main__":
    sys.exit(main())
