"""Writes docs/statistics.md from the tables of ``make bench-statistics``.

python tools/pages/statistics_page.py > docs/statistics.md       simulates nothing
"""

import json
from pathlib import Path

from trainwreck.model import Table
from trainwreck.report.text import render_tables

WIDTH = 118
PROSE = Path(__file__).with_name("statistics.txt")
TABLES = Path(__file__).parents[2] / "benchmarks" / "statistics.json"


def main() -> None:
    """Print the page, with each table in its place."""
    text = PROSE.read_text(encoding="utf-8")
    for content in json.loads(TABLES.read_text(encoding="utf-8")):
        table = Table(
            content["name"],
            content["title"],
            tuple(content["columns"]),
            tuple(map(tuple, content["rows"])),
            content["note"],
        )
        block = f"```\n{render_tables([table], WIDTH).strip()}\n```"
        text = text.replace("{" + table.name + "}", block)
    print(text, end="")


if __name__ == "__main__":
    main()
