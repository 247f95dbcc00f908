"""The step `merge`: several campaigns of one plan become one."""

import os
import re
from collections.abc import Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from trainwreck.campaign.identity import IDENTITY
from trainwreck.campaign.identity import PARTS as SETTINGS
from trainwreck.campaign.merged_meta import PartMeta, set_merged_meta
from trainwreck.campaign.transfer import new_file
from trainwreck.errors import UsageError
from trainwreck.exchange.relocate import relocation
from trainwreck.judge.doubles import counts_before, is_contradiction
from trainwreck.model import FIRST, Outcome
from trainwreck.model.redaction import for_others
from trainwreck.report.words import joined, shards_in_words
from trainwreck.results.containment import held_so_far
from trainwreck.results.evidence import Evidence
from trainwreck.results.shards import number_of_members, shards_of
from trainwreck.store.attached import AttachedCampaign
from trainwreck.store.campaign_file import CampaignFile, file_in
from trainwreck.store.merge_tables import OF_A_RUN
from trainwreck.temporary import sweep

NAMES = {
    "sources": "files of the program",
    "python": "Python versions",
    "versions": "versions of libraries",
    "version": "versions of trainwreck",
    "measures": "metrics",
    "looks": "numbers of runs",
    "verdicts": "settings of verdicts",
}
ALIKE = (*IDENTITY, *(key for key in NAMES if key not in IDENTITY))
"""Keys of the meta table that merged campaigns must agree in."""
HASH = re.compile("[0-9a-f]{16,}")
NAMES_SHOWN, DIGITS_SHOWN, TEXT_SHOWN = 5, 12, 60
"""Lengths in a message: of lists, of hashes, and of other values."""


@dataclass(frozen=True, slots=True)
class Merged:
    """The result of a merge.

    Attributes:
        campaigns: Number of campaigns that were merged.
        runs: Number of runs.
        doubles: Number of runs that several campaigns had.
        of: Number of shards of the plan; 0 where it was not divided.
        missing_shards: Those that are not here, from 1.
        planned: Number of planned mutants of the shards that are here.
        missing: Number of these that have no verdict.

    """

    campaigns: int
    runs: int
    doubles: int
    of: int
    missing_shards: tuple[int, ...]
    planned: int
    missing: int


def merge_campaigns(folders: Sequence[Path], target: Path, is_complete: bool = False) -> Merged:
    """Join campaigns of one plan in another folder, which may hold some of them already.

    Args:
        folders: The campaigns.
        target: The folder that takes them.
        is_complete: Refuse a result in which a shard or a mutant is missing.

    Returns:
        What the merged campaign holds, and what is missing.

    Raises:
        UsageError: The campaigns have different settings, sources, versions, plans or containment,
            or runs that contradict each other, or something is missing. The target stays as it was.

    """
    sweep()
    paths = list(dict.fromkeys(folder.resolve() for folder in folders))
    if target.resolve() in paths:
        paths.remove(target.resolve())
        file_in(target)
    with ExitStack() as stack:
        sources = [stack.enter_context(CampaignFile.open(path)) for path in paths]
        file = stack.enter_context(new_file(target))
        is_new = not file.planned_number()
        named = list(zip(map(str, paths), sources, strict=True))
        _check_alike([*([] if is_new else [(str(target), file)]), *named])
        attached = [file.attach(path) for path in paths]
        parts = [_Part(*part) for part in zip(map(str, paths), sources, attached, strict=True)]
        with file.merging():
            doubles = _merge(file, is_new, parts)
            merged = _merged(file, len(named) + (not is_new), doubles)
            if is_complete:
                _check_complete(merged)
        return merged


def _check_alike(campaigns: Sequence[tuple[str, CampaignFile]]) -> None:
    """Raise UsageError where campaigns are not parts of one."""
    for name, file in campaigns:
        if file.has_records():
            raise UsageError(
                f"{name} holds records of another tool, which cannot be merged",
                "Compare such campaigns side by side with `trainwreck report DIR DIR`.",
            )
        if not file.planned_number():
            raise UsageError(f"{name} has no plan", "Run `trainwreck baseline` there first.")
    (first, known), *others = campaigns
    for name, file in others:
        for problem in _differences(known, file):
            raise UsageError(
                f"{first} and {name} cannot be merged: {problem}",
                "Merge only campaigns that were started from one baseline and its plan.",
            )


def _differences(one: CampaignFile, other: CampaignFile) -> Iterable[str]:
    for key in ALIKE:
        if one.meta(key) != other.meta(key):
            shown = SETTINGS if key == "settings" else key
            details = _details(one.meta(shown), other.meta(shown))
            yield f"their {NAMES.get(key, key)} differ{details}"
    if one.plan_digest() != other.plan_digest():
        yield "their plans differ"
    here, there = held_so_far(one), held_so_far(other)
    if here and there and not here[-1].is_like(there[-1]):
        yield f"their runs were contained at the levels {here[-1].level} and {there[-1].level}"
    shards = [shards_of(file) for file in (one, other)]
    numbers = {part.of for part in shards if part}
    if len(numbers) > 1:
        yield f"they divide the plan into {' and into '.join(map(str, sorted(numbers)))} shards"


def _details(one: object, other: object) -> str:
    """Return the first parts in which two values differ, each with both values in short."""
    if isinstance(one, dict) and isinstance(other, dict):
        names = sorted(n for n in one.keys() | other.keys() if one.get(n) != other.get(n))
        shown = [f"{n} ({_in_short(one.get(n))}, {_in_short(other.get(n))})" for n in names]
        if len(names) > NAMES_SHOWN:
            shown[NAMES_SHOWN:] = [f"{len(names) - NAMES_SHOWN} more"]
        return f": {joined(shown)}" if names else ""
    return f" ({one}, {other})" if len(f"{one}{other}") < 80 else ""


def _in_short(value: object) -> str:
    """Return a hash by its beginning, and another value as it is."""
    if value is None:
        return "not there"
    text = str(value)
    if HASH.fullmatch(text):
        return text[:DIGITS_SHOWN]
    return text if len(text) <= TEXT_SHOWN else f"{text[:TEXT_SHOWN]}…"


@dataclass(frozen=True, slots=True)
class _Part:
    """A campaign that is merged: its name, its file, and where SQLite has attached that."""

    name: str
    file: CampaignFile
    attached: AttachedCampaign | None

    def doubles(self, target: CampaignFile) -> list[str]:
        """Return the trials that have run here and in the target, in the order of their ids."""
        if self.attached:
            return self.attached.doubles()
        return sorted(target.all_ids() & self.file.all_ids())

    def set_turns(self, target: CampaignFile) -> None:
        """Note in the target in which order the runs ended."""
        if self.attached:
            self.attached.run_numbers_into_turns()
        else:
            target.set_turns(self.file.run_numbers())

    def add_facts(self, target: CampaignFile, skipped: Collection[str]) -> None:
        """Add all facts but the runs of some trials; the first part brings the plan."""
        relocate, with_plan = _relocation(self.file), not target.planned_number()
        without = OF_A_RUN if self.attached else ()
        target.add_facts(self.file.dump(relocate, True, without), skipped, with_plan)
        if self.attached:
            self.attached.add_runs(sorted(skipped), relocate)


def _merge(file: CampaignFile, is_new: bool, parts: Sequence[_Part]) -> int:
    """Add all facts of the parts; return the number of runs that came more than once."""
    file.set_turns(list(file.run_numbers()))
    for part in parts:
        part.set_turns(file)
    file.set_numbers()
    metas = [PartMeta.of(file)] if not is_new else []
    metas += [PartMeta.of(part.file) for part in parts]
    number = 0
    for part in parts:
        doubles = part.doubles(file)
        number += len(doubles)
        part.add_facts(file, _skipped(file, part.file, part.name, doubles))
    set_merged_meta(file, metas)
    return number


def _relocation(source: CampaignFile) -> Any:
    relocated, redact = relocation(source.folders()), for_others(os.environ)
    return lambda text: redact(relocated(text))


def _skipped(
    file: CampaignFile, source: CampaignFile, name: str, doubles: Iterable[str]
) -> set[str]:
    """Return those of the runs in both campaigns that count here, and drop the others here.

    Raises UsageError where two runs of one trial contradict each other.
    """
    ours, theirs = Evidence(file), Evidence(source)
    metrics = file.meta("metrics") or source.meta("metrics") or ()
    skipped = set()
    for trial in doubles:
        (first, place), (second, other_place) = file.run_of(trial), source.run_of(trial)
        is_repeating = place == other_place and _repeats(ours, place) and _repeats(theirs, place)
        if is_repeating and is_contradiction(first, second, metrics):
            raise UsageError(
                f"a run in {name} contradicts the same run of another campaign: "
                f"{_end(second)}, and there {_end(first)} (trial {trial})",
                "Find out which campaign is wrong, and merge the others.",
            )
        if counts_before(first, second):
            skipped.add(trial)
        else:
            file.drop_run(trial)
    return skipped


def _end(outcome: Outcome) -> str:
    return f"{outcome.exit} with the result {outcome.digest[:8]}"


def _repeats(evidence: Evidence, environment: str) -> bool:
    """Return whether all clean runs with the first seed ended alike on the kind of machine."""
    kind = evidence.kinds.get(environment, "")
    clean = evidence.clean_by_kind.get(kind, {}).get(FIRST)
    return clean is None or len(clean.determinism.digests) <= 1


def _merged(file: CampaignFile, campaigns: int, doubles: int) -> Merged:
    shards = shards_of(file)
    planned = number_of_members(file)
    done = Evidence(file).number_judged()
    return Merged(
        campaigns=campaigns,
        runs=file.number_of_runs(),
        doubles=doubles,
        of=shards.of if shards else 0,
        missing_shards=tuple(shards.missing) if shards else (),
        planned=planned,
        missing=planned - done,
    )


def _check_complete(merged: Merged) -> None:
    if merged.missing_shards:
        are = "is" if len(merged.missing_shards) == 1 else "are"
        raise UsageError(
            f"{shards_in_words(merged.missing_shards, merged.of)} {are} missing",
            "Merge all shards, or leave out `--complete`.",
        )
    if merged.missing:
        raise UsageError(
            f"{merged.missing} of {merged.planned} mutants have no verdict",
            "Run the rest of their shards, or leave out `--complete`.",
        )
