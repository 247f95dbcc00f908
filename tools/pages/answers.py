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

from trainwreck.campaign.baseline import run_baseline
from trainwreck.campaign.plan import make_plan
from trainwreck.campaign.run import run_campaign
from trainwreck.campaign.session import open_session
from trainwreck.campaign.transfer import import_into
from trainwreck.cli.progress import LiveProgress
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.text import render_tables
from trainwreck.results.report import report_tables
from trainwreck.store.campaign_file import CampaignFile, campaign_lock
from trainwreck.subject.settings_file import FILE_NAME, load_settings
from trainwreck.subject.studies import cache_folder, studies

CLEAN_SEEDS, REPEATS, SEEDS, MUTANTS = 30, 12, 5, 320
JOBS = 2
WIDTH = 118
PROSE = Path(__file__).with_name("answers.txt")
NOTES = Path(__file__).with_name("answers-notes.txt")
PICTURES = Path(__file__).parents[2] / "docs" / "pictures"


def main(task: str, place: str) -> None:
    """Run the campaign in a folder, or print the page of an export."""
    if task == "run":
        run(Path(place))
    else:
        print(page(Path(place)), end="")


def run(campaign: Path) -> None:
    """The campaign, from wherever it stands."""
    settings = load_settings(studies()["keras"] / FILE_NAME)
    trials = replace(settings.trials, clean=CLEAN_SEEDS, repeats=REPEATS, seeds=SEEDS)
    settings = replace(settings, trials=trials)
    progress = LiveProgress(("accuracy",))
    with campaign_lock(campaign), CampaignFile.open(campaign, create=True) as file:
        session = open_session(settings, campaign, cache_folder(), None, progress.say)
        run_baseline(session, file, JOBS, progress)
        make_plan(session, file, progress)
        run_campaign(session, file, MUTANTS, JOBS, progress)


def page(export: Path) -> str:
    """All tables, the figures in the places where their tables stand, and notes on the findings."""
    with TemporaryDirectory() as folder, CampaignFile.open(Path(folder), create=True) as file:
        import_into(file, export)
        tables = report_tables(file)
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
