"""The values in the meta table of a merged campaign, from those of its parts."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from trainwreck.campaign.audit import SAMPLE
from trainwreck.campaign.untouched import EXPECTED
from trainwreck.campaign.warm_starts import FIRST_EVALUATIONS
from trainwreck.model import held_of
from trainwreck.model.shard import Shards
from trainwreck.model.start import COLD_FOR_GOOD
from trainwreck.results.budget import BUDGET
from trainwreck.results.containment import HELD
from trainwreck.results.forecast import FURTHER
from trainwreck.results.shards import SHARDS, shards_of
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.store.dump import BASES, VARIABLES
from trainwreck.store.run_tables import WITHDRAWN

OF_ONE_SESSION = (BUDGET, FURTHER, EXPECTED, VARIABLES)
"""Keys that describe a session, and no campaign."""
WITHDRAWN_BY = "withdrawn_by_shard"
"""The key of the number of withdrawn runs of each part of a merged campaign."""


@dataclass(frozen=True, slots=True)
class PartMeta:
    """The values in the meta table of one campaign that is merged."""

    values: Mapping[str, Any]
    shards: Shards | None
    withdrawn: Mapping[str, int]

    @classmethod
    def of(cls, file: CampaignFile) -> "PartMeta":
        """Read what one campaign has."""
        shards = shards_of(file)
        label = "whole"
        if shards:
            label = f"{', '.join(map(str, sorted(shards.numbers)))} of {shards.of}"
        withdrawn = file.meta(WITHDRAWN_BY) or {label: file.meta(WITHDRAWN) or 0}
        return cls(file.all_meta(), shards, withdrawn)


def set_merged_meta(file: CampaignFile, parts: Sequence[PartMeta]) -> None:
    """Set the meta table of a merged campaign; the order of the parts is of no effect."""
    for key in dict.fromkeys(key for part in parts for key in part.values if key != BASES):
        values = [part.values[key] for part in parts if key in part.values]
        file.set_meta(key, min(values, key=json.dumps))
    for key in OF_ONE_SESSION:
        file.set_meta(key, None)
    file.set_meta(SHARDS, _joined([part.shards for part in parts]))
    file.set_meta(HELD, _held([part.values.get(HELD) or [] for part in parts]))
    withdrawn: dict[str, int] = {}
    for part in parts:
        for label, number in part.withdrawn.items():
            withdrawn[label] = max(number, withdrawn.get(label, 0))
    if any(withdrawn.values()):
        file.set_meta(WITHDRAWN_BY, withdrawn)
        file.set_meta(WITHDRAWN, sum(withdrawn.values()))
    evaluations = [part.values.get(FIRST_EVALUATIONS) or {} for part in parts]
    file.set_meta(FIRST_EVALUATIONS, {k: v for each in evaluations for k, v in each.items()})
    cold = [part.values.get(COLD_FOR_GOOD) for part in parts]
    file.set_meta(COLD_FOR_GOOD, min(filter(None, cold), default=None))
    audited = {mutant for part in parts for mutant in part.values.get(SAMPLE) or ()}
    file.set_meta(SAMPLE, sorted(audited))


def _joined(parts: Sequence[Shards | None]) -> dict[str, Any] | None:
    """Return the shards of all parts together; None where nothing is missing."""
    shards = [part for part in parts if part]
    if len(shards) < len(parts):
        return None
    joined = replace(shards[0], numbers=frozenset().union(*(part.numbers for part in shards)))
    return {"of": joined.of, "numbers": sorted(joined.numbers)} if joined.missing else None


def _held(parts: Iterable[Sequence[Mapping[str, Any]]]) -> list[dict[str, Any]]:
    """Return what contained the runs of all parts, each once, from where it held first."""
    least: dict[str, dict[str, Any]] = {}
    for item in (item for part in parts for item in part):
        held = held_of(item)
        key = json.dumps(asdict(replace(held, after=0)), sort_keys=True)
        if key not in least or held.after < least[key]["after"]:
            least[key] = asdict(held)
    return sorted(least.values(), key=lambda item: (item["after"], json.dumps(item)))
