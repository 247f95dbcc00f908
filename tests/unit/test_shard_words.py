"""How messages name shards."""

from pathlib import Path

import pytest

from trainwreck.campaign.merge import Merged
from trainwreck.cli.merging import merged_text
from trainwreck.report.words import shards_in_words


@pytest.mark.parametrize(
    ("numbers", "of", "words"),
    [
        ([2], 2, "shard 2 (of 2 shards)"),
        ([1, 2], 3, "shards 1 and 2 (of 3 shards)"),
        ([1, 2, 5, 6, 7, 9], 1000, "shards 1, 2, 5 to 7 and 9 (of 1,000 shards)"),
        (range(2, 1001), 1000, "shards 2 to 1000 (of 1,000 shards)"),
    ],
)
def test_shards_in_words_cannot_be_read_as_a_count(numbers: list[int], of: int, words: str) -> None:
    assert shards_in_words(numbers, of) == words


def test_merged_text_names_the_missing_shard_by_its_number() -> None:
    merged = Merged(1, 9, 0, 2, (2,), 4, 1)
    assert merged_text(merged, Path("all")).splitlines() == [
        "1 campaign in all: 9 runs",
        "  missing: shard 2 (of 2 shards)",
        "  3 of 4 planned mutants have a verdict",
    ]
