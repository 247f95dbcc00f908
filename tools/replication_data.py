"""Writes the replication's data set for a release: exports, Parquet files and their card.

``python tools/replication_data.py FOLDER`` makes, for each export of ``results/replication``, the
export itself and a folder with the files ``mutants.parquet``, ``verdicts.parquet`` and
``outcomes.parquet``: the data frames of `Results`, whose fields the card describes.
"""

import shutil
import sys
from pathlib import Path

from trainwreck import Campaign
from trainwreck.temporary import temporary_folder

EXPORTS = Path(__file__).parents[1] / "results" / "replication"
CARD = EXPORTS / "README.md"
SUFFIX = ".jsonl.xz"
FRAMES = ("mutants", "verdicts", "outcomes")


def main(folder: Path) -> None:
    """Write the data set."""
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copy2(CARD, folder)
    for export in sorted(EXPORTS.glob(f"*{SUFFIX}")):
        shutil.copy2(export, folder)
        write_frames(export, folder / export.name.removesuffix(SUFFIX))


def write_frames(export: Path, folder: Path) -> None:
    """Write the data frames of an export as Parquet."""
    folder.mkdir(exist_ok=True)
    with temporary_folder() as campaigns:
        Campaign.import_records(export, campaigns / "campaign")
        results = Campaign.open(campaigns / "campaign").results()
    for name in FRAMES:
        getattr(results, name).to_parquet(folder / f"{name}.parquet", index=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]))
