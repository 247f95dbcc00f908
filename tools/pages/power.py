"""Writes docs/power.md from a campaign's export.

python tools/pages/power.py results/keras.jsonl.xz > docs/power.md
"""

import sys
from collections.abc import Mapping
from pathlib import Path

from trainwreck import Campaign
from trainwreck.model import Share, Table
from trainwreck.report.figures.curves import CURVES
from trainwreck.report.figures.draw import draw_figure
from trainwreck.report.text import render_tables
from trainwreck.stats.groups import Chance
from trainwreck.temporary import temporary_folder

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
PROSE = Path(__file__).with_name("power.txt")
WIDTH = 118


def main() -> None:
    """Print the page."""
    print(page(Path(sys.argv[1])), end="")


def page(export: Path) -> str:
    """Return the prose with the tables in the places that it names."""
    with temporary_folder() as folder:
        Campaign.import_records(export, folder / "campaign")
        tables = {table.name: table for table in Campaign.open(folder / "campaign").power()}
    prose = PROSE.read_text(encoding="utf-8")
    for name, table in tables.items():
        key = name.removeprefix("power").removeprefix("-").upper() or "POWER"
        shown = f"```\n{render_tables([table], WIDTH).strip()}\n```"
        if name in CURVES:
            draw_figure(table, PICTURES / f"{name}.svg")
            shown = f"![{table.title}: the share that is noticed](pictures/{name}.svg)\n\n{shown}"
        prose = prose.replace(f"[{key}]", shown)
    return prose.replace("[QUOTE]", quote(tables))


def quote(tables: Mapping[str, Table]) -> str:
    """Return the sentence that a maintainer can quote, with its interval."""
    rows = {row[0]: row for row in tables["power"].rows}
    parts = []
    for name, words in (
        ("first report within 0.01", "a golden run with tolerance 0.01 after the first epoch"),
        ("every report within 0.05", "one with tolerance 0.05 to the end"),
        (
            "final value within 2 deviations",
            "a final accuracy within two deviations of clean seeds",
        ),
    ):
        share, chance = rows[name][5], rows[name][6]
        assert isinstance(share, Share)
        assert isinstance(chance, Chance)
        ends = f"{100 * chance.low:.0f} to {100 * chance.high:.0f} %"
        parts.append(f"* {words} notices {share.count} of {share.total} ({ends});")
    return "\n".join(["Of the bugs that change the result without an error,", "", *parts]).strip(
        ";"
    )


if __name__ == "__main__":
    main()
