"""Runs the campaign of docs/answers.md, or writes the page from its export.

    python tools/pages/answers.py run FOLDER          at `quick`: 320 mutants, 30 clean seeds
    trainwreck --campaign FOLDER export results/keras.jsonl.xz
    python tools/pages/answers.py page results/keras.jsonl.xz > docs/answers.md      trains nothing

The campaign is resumable like any other.
"""

import sys
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

from study_campaigns import at_work
from trainwreck import Campaign
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.text import render_tables
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import studies

CLEAN_SEEDS, REPEATS, SEEDS, MUTANTS = 30, 12, 5, 320
WIDTH = 118
PROSE = Path(__file__).with_name("answers.txt")
NOTES = Path(__file__).with_name("answers-notes.txt")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main(task: str, path: str) -> None:
    """Run the campaign in a folder, or print the page of an export."""
    if task == "run":
        run(Path(path))
    else:
        print(page(Path(path)), end="")


def run(folder: Path) -> None:
    """Run the campaign, from wherever it stands."""
    settings = load_settings(studies()["keras"] / FILE_NAME)
    trials = replace(settings.trials, clean=CLEAN_SEEDS, repeats=REPEATS, seeds=SEEDS)
    with at_work(replace(settings, trials=trials), folder) as campaign:
        campaign.baseline()
        campaign.plan()
        campaign.run(MUTANTS)


def page(export: Path) -> str:
    """Return all tables, figures where their tables stand, and notes on the findings."""
    with TemporaryDirectory() as folder:
        Campaign.import_records(export, folder)
        tables = Campaign.open(folder).tables()
    parts = [PROSE.read_text(encoding="utf-8")]
    for table in tables:
        if table.name.startswith("figure-") or table.name == "ledger-operator":
            picture = PICTURES / f"answers-{table.name}.svg"
            draw_figure(table, picture)
            parts.append(f"![{table.title}](pictures/{picture.name})\n")
        parts.append(f"```\n{render_tables([table], WIDTH).strip()}\n```\n")
    parts.append(NOTES.read_text(encoding="utf-8"))
    return "\n".join(parts)


if __name__ == "__main__":
    main(*sys.argv[1:])
