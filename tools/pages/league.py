"""Writes docs/league.md from the exports in results/league/.

python tools/pages/league.py > docs/league.md
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from league_results import DETECTORS, WATCHED, League, read_league
from realbugs import markdown, text
from trainwreck.findings.measured_checks import MeasuredCheck
from trainwreck.findings.power import table_power
from trainwreck.findings.power_groups import tables_by_group
from trainwreck.findings.power_sets import table_alone, table_unnoticed
from trainwreck.model import APP, Share, Table
from trainwreck.report.text import render_tables
from trainwreck.stats.describe import exact_interval

__all__ = ["DETECTORS", "PROSE", "RESULTS", "WATCHED", "page"]

RESULTS = Path(__file__).resolve().parents[2] / "results" / "league"
MACHINE = RESULTS / "machine.txt"
PROSE = Path(__file__).with_name("league.txt")
GOLDEN = "every report within 0.01"
"""The comparison that detectors are measured against."""
MOVED = "final value within 2 deviations"
"""The comparison that says whether a bug moves the final value."""
WIDTH = 118
LIST = "[]'\""
"""What stands around the reasons of a detector that gives several."""


def main() -> None:
    """Print the page."""
    print(page(RESULTS), end="")


def page(results: Path) -> str:
    """Return the prose with what the exports show in the places that it names."""
    leagues = {study: read_league(study, results) for study in DETECTORS}
    parts = {
        "MACHINE": MACHINE.read_text(encoding="utf-8").strip(),
        "TRAINCHECK": traincheck(results),
        "SUMMARY": "\n".join(line for league in leagues.values() for line in summary(league)),
    }
    for study, league in leagues.items():
        groups = {table.name: table for table in tables_by_group(league.seen, league.detectors)}
        tables: Mapping[str, Table] = {
            "POWER": table_power(league.seen, league.checks),
            "PHASE": groups["power-phase"],
            "ALONE": table_alone(league.seen, league.checks),
            "UNNOTICED": table_unnoticed(league.seen, league.detectors),
        }
        for name, table in tables.items():
            parts[f"{study.upper()}-{name}"] = f"```\n{render_tables([table], WIDTH).strip()}\n```"
        parts[f"{study.upper()}-MUTANTS"] = mutants_of(league)
        parts[f"{study.upper()}-COSTS"] = markdown(
            ("detector", "seconds", "share of a training", "besides"), costs(league)
        )
        parts[f"{study.upper()}-NOTICED"] = noticed(league)
        parts[f"{study.upper()}-MASKED"] = of_masked(league)
        parts[f"{study.upper()}-MOVED"] = markdown(
            ("detector", "final value moved", "not moved"), moved_rows(league)
        )
    prose = PROSE.read_text(encoding="utf-8")
    for name, part in parts.items():
        prose = prose.replace(f"[{name}]", part)
    return prose


def rate(share: Share) -> str:
    """Return a share with its exact interval."""
    if not share.total:
        return "0 of 0"
    low, high = exact_interval(share.count, share.total)
    ends = (
        f"{100 * low:.0f} to {100 * high:.0f} %" if share.count else f"at most {100 * high:.0f} %"
    )
    return f"{share.count} of {share.total} ({ends})"


def share_of(found: Iterable[bool | None]) -> Share:
    """Return how many bugs were noticed, of those with an answer."""
    known = [hit for hit in found if hit is not None]
    return Share(sum(known), len(known))


def summary(league: League) -> Iterable[str]:
    """Yield the sentences that a maintainer can quote."""
    by_name = {check.name: check for check in league.checks}
    golden = by_name[GOLDEN]
    plain = [check for check in league.detectors if not is_golden(league, check)]
    together = [any_of(hits) for hits in zip(*(check.found for check in plain), strict=True)]
    best = max(plain, key=lambda check: share_of(check.found).count)
    name = best.name.removeprefix("check ")
    yield (
        f"* `{league.study}`: a golden run with tolerance 0.01 notices "
        f"{rate(share_of(golden.found))} of the bugs that change the result without an error."
    )
    if share_of(best.found).count:
        hits = rate(share_of(best.found))
        yield f"  The best detector without golden values, {name}, notices {hits}."
    yield f"  All detectors without golden values together notice {rate(share_of(together))}."
    for check in (each for each in league.detectors if is_golden(league, each)):
        name, hits = check.name.removeprefix("check "), rate(share_of(check.found))
        yield f"  With golden values, {name} notices {hits}."


def traincheck(results: Path) -> str:
    """Return what a try with TrainCheck took, in a sentence."""
    seen = json.loads((results / "traincheck.json").read_text(encoding="utf-8"))
    return (
        f"{seen['training']} for the training, {seen['reference']} to collect a reference trace, "
        f"{seen['infer']} to infer {seen['invariants']} invariants, {seen['check']} to collect and "
        f"check one more run. On the clean program with the same seed, {seen['violated']} of the "
        f"{seen['invariants']} are violated"
    )


def moved_rows(league: League) -> Iterable[tuple[str, str, str]]:
    """Yield for each detector the bugs that it notices, by whether they move the final value."""
    moved = next(check for check in league.checks if check.name == MOVED).found
    for check in league.detectors:
        hits = list(zip(check.found, moved, strict=True))
        yield (
            check.name.removeprefix("check "),
            rate(share_of(hit for hit, has_moved in hits if has_moved)),
            rate(share_of(hit for hit, has_moved in hits if not has_moved)),
        )


def is_golden(league: League, check: MeasuredCheck) -> bool:
    """Return whether a detector compares with a golden run."""
    return any(
        each.has_golden and check.name == f"check {each.name}" for each in DETECTORS[league.study]
    )


def any_of(hits: Sequence[bool | None]) -> bool | None:
    """Return whether one detector noticed; None where none did and one has no answer."""
    return True if any(hits) else None if None in hits else False


def mutants_of(league: League) -> str:
    """Return what ran, in sentences."""
    number = len(league.seen.mutants)
    own = sum(each.item.mutant.root == APP for each in league.seen.mutants)
    ran = sum(hit is not None for hit in league.detectors[0].found)
    others = "".join(f"\n* other values: {text(name)}" for name in league.apart)
    further = (
        f" {league.elsewhere} more ran with detectors on another kind of machine than without them."
        if league.elsewhere
        else ""
    )
    alike = (
        f"With them, {league.alike.count} of {league.alike.total} bugs ended with exactly the "
        f"values that were printed without.{further}\n{others}\n"
    )
    elsewhere = (
        "The campaign without detectors ran on another kind of machine, where clean runs end "
        "with other values."
    )
    return (
        f"{league.judged} bugs were judged: {league.crashed} crash or hang, and "
        f"{number} change the result without an error,\n{own} of these in the program and "
        f"{number - own} in its library. Detectors ran with {ran} of the {number}.\n"
        f"{alike if league.repeats else elsewhere}"
    )


def of_masked(league: League) -> str:
    """Return in how many masked bugs detectors fired, in a sentence."""
    most = max(check.of_masked for check in league.seen.own)
    if not most:
        return "No masked bug ran with detectors."
    fired = [f"{each.name} in {each.masked.count}" for each in league.seen.own if each.masked.count]
    words = ", ".join(fired) or "none fired"
    return f"Of masked bugs, which end as a clean run does, {most} ran with detectors: {words}."


def costs(league: League) -> Iterable[tuple[str, str, str, str]]:
    """Yield what each detector takes."""
    for detector in DETECTORS[league.study]:
        seconds = league.said.seconds.get(detector.name)
        if seconds is not None:
            besides = "the training" if detector.needs_training else "the model and one batch"
            share = f"{100 * seconds / league.training:.1f} %"
            yield detector.name, f"{seconds:.2f}", share, besides


def noticed(league: League) -> str:
    """Return a table of the bugs that a detector without golden values noticed, with its reason."""
    return markdown(("bug", "noticed by", GOLDEN), list(noticed_rows(league)))


def noticed_rows(league: League) -> Iterable[tuple[str, str, str]]:
    """Yield a row for each bug that a detector without golden values noticed."""
    golden = next(check for check in league.checks if check.name == GOLDEN).found
    for index, mutant in enumerate(league.seen.mutants):
        names = [
            check.name.removeprefix("check ")
            for check in league.detectors
            if check.found[index] and not is_golden(league, check)
        ]
        if names:
            reasons = league.said.alarms.get(mutant.item.mutant.id, {})
            words = [f"{name}: {text(reasons.get(name, '').strip(LIST)[:140])}" for name in names]
            hit = "notices it" if golden[index] else "does not"
            yield text(mutant.item.mutant.name), "<br>".join(words), hit


if __name__ == "__main__":
    main()
