"""The command `merge`: one campaign out of the parts of a plan."""

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

from trainwreck.campaign.campaign import Campaign
from trainwreck.campaign.merge import Merged
from trainwreck.cli.context import Options
from trainwreck.cli.printing import say
from trainwreck.report.printable import json_text, one_line
from trainwreck.report.words import counted, shards_in_words


def merge(options: Options, folders: Sequence[Path], complete: bool) -> None:
    """Join campaigns in the campaign folder, and print what is there and what is missing."""
    folder = options.campaign_folder()
    merged = Campaign.merge(folders, folder, complete=complete)
    say(json_text(asdict(merged)) if options.json else merged_text(merged, folder))


def merged_text(merged: Merged, folder: Path) -> str:
    """Describe a merged campaign in a few lines."""
    lines = [f"{counted(merged.campaigns, 'campaign')} in {folder}: {counted(merged.runs, 'run')}"]
    if merged.doubles:
        lines.append(f"  {counted(merged.doubles, 'run')} in several campaigns, counted once")
    if merged.missing_shards:
        lines.append(f"  missing: {shards_in_words(merged.missing_shards, merged.of)}")
    done = merged.planned - merged.missing
    lines.append(f"  {done} of {counted(merged.planned, 'planned mutant')} have a verdict")
    return "\n".join(map(one_line, lines))
