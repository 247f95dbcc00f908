"""Campaigns of the bundled studies in several ways: what they cost, and whether verdicts differ.

``python benchmarks/real_campaigns.py --study torch --mutants 120`` runs the same mutants on this
machine all cold without rules, with rules, with warm starts, and with proven rules alone. Each way
has a campaign of its own. They take turns after every ``--slice`` mutants, so that slow times of
the machine hit all alike; then further seeds follow. What a step uses is the processor time of all
its processes. A step that was interrupted starts again from where it began.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from campaign_facts import planned_ids, stored_seconds
from measured_ways import measured
from metered import Used, metered, yardstick
from subject import say, study_settings
from trainwreck.errors import ExitCode
from trainwreck.interrupts import INTERRUPTS
from trainwreck.subject.studies import cache_folder
from wanted import answers, parts, pooled
from ways import FIRST, FURTHER, NAIVE, PLAN, PREPARE, TINY, USUAL, WAYS, Step, as_text

OUT = Path(__file__).with_name("results-campaign.json")
ROOT = Path(__file__).parents[1]
STUDIES = ("keras", "keras-2.3", "tensorflow-1.15", "theano-1.0", "torch")
PROFILES = ("tiny", "quick", "paper")
LEFT_OUT = shutil.ignore_patterns("work", "lock")
MOST_TRIES = 3
TAIL = 2000


@dataclass(frozen=True)
class Plan:
    """What is to be measured of one study; ``part`` of ``mutants`` run in the naive way."""

    study: str
    profile: str
    mutants: int
    part: int
    slice_: int
    jobs: int
    ways: tuple[str, ...]
    is_first_only: bool = False

    @property
    def name(self) -> str:
        """Return the name of the study with its profile, as results are found by."""
        return f"{self.study}, {self.profile}"

    def limit(self, way: str) -> int:
        """Return the number of mutants that run in a way."""
        return min(self.part, self.mutants) if way == NAIVE else self.mutants

    @property
    def draws(self) -> int:
        """Return the most seeds and folds that a mutant of the study runs with."""
        trials = study_settings(name=self.study, profile=self.profile).trials
        return trials.seeds * trials.folds


def schedule(plan: Plan) -> Iterator[tuple[str, str, int]]:
    """Yield stage, way and number of mutants of each step; another way begins each slice."""
    for way in plan.ways:
        yield PLAN, way, 0
    for number, begin in enumerate(range(0, plan.mutants, plan.slice_)):
        first = number % len(plan.ways)
        for way in (*plan.ways[first:], *plan.ways[:first]):
            limit = plan.limit(way)
            if begin < limit:
                yield FIRST, way, min(begin + plan.slice_, limit)
    if plan.draws > 1 and not plan.is_first_only:
        for way in plan.ways:
            yield FURTHER, way, plan.limit(way)


@dataclass(frozen=True)
class Bench:
    """The folder of one study's campaigns, with the steps that are done."""

    folder: Path

    @property
    def _file(self) -> Path:
        return self.folder / "steps.jsonl"

    def steps(self) -> list[dict[str, Any]]:
        """Return the steps that are done; the last line may be half of one."""
        if not self._file.is_file():
            return []
        lines = self._file.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def add(self, step: Mapping[str, Any]) -> None:
        """Keep a step that is done."""
        whole = "".join(json.dumps(each) + "\n" for each in [*self.steps(), step])
        new = self._file.with_suffix(".new")
        new.write_text(whole, encoding="utf-8")
        new.replace(self._file)

    def campaign(self, way: str) -> Path:
        """Return the folder of a way's campaign."""
        return self.folder / way

    def log(self, way: str) -> Path:
        """Return the file of what a way's steps print."""
        return self.folder / f"{way}.log"

    def keep(self, way: str) -> None:
        """Keep a way's campaign as it is before a step, or restore it where a step was cut off."""
        campaign, kept = self.campaign(way), self.folder / f"{way}.before"
        if kept.is_dir():
            shutil.rmtree(campaign, ignore_errors=True)
            shutil.copytree(kept, campaign, symlinks=True)
            return
        campaign.mkdir(parents=True, exist_ok=True)
        new = self.folder / f"{way}.new"
        shutil.rmtree(new, ignore_errors=True)
        shutil.copytree(campaign, new, symlinks=True, ignore=LEFT_OUT)
        new.replace(kept)

    def forget(self, way: str) -> None:
        """Remove what was kept, after a step was added."""
        gone = self.folder / f"{way}.gone"
        shutil.rmtree(gone, ignore_errors=True)
        if (kept := self.folder / f"{way}.before").is_dir():
            kept.replace(gone)
            shutil.rmtree(gone)


def run(plan: Plan, bench: Bench, out: Path) -> None:
    """Do the steps that are not done, and write the results after each."""
    bench.folder.mkdir(parents=True, exist_ok=True)
    done = {(step["stage"], step["way"], step["mutants"]): step for step in bench.steps()}
    left = [each for each in schedule(plan) if each not in done]
    for way in {way for _, way, _ in done}:
        if all(each[1] != way or each in done for each in schedule(plan)):
            bench.forget(way)
    if left and not done:
        begin(plan.study, bench)
    for stage, way, mutants in left:
        step = Step(
            way,
            stage,
            plan.study,
            plan.profile,
            str(bench.campaign(way)),
            mutants,
            plan.limit(way),
            plan.jobs,
        )
        say(f"{plan.name}: {WAYS[way].title}, {stage} runs of {mutants} mutants")
        bench.add(shared_plan(step, bench) or do(step, bench))
        bench.forget(way)
        check_plans(plan, bench)
        write(plan, bench, out)
    write(plan, bench, out)


def begin(study: str, bench: Bench) -> None:
    """Make what all campaigns share, in a process of its own: what it starts must not stay ours."""
    say(f"{study}: environment, data and lists")
    step, log = Step(NAIVE, PREPARE, study, TINY, "", 0, 0, 1), bench.log(PREPARE)
    used, _ = _start(step, log)
    check(used, log, step)


def shared_plan(step: Step, bench: Bench) -> dict[str, Any] | None:
    """Return the plan of another way for this one, with its clean runs; None if there is none.

    All ways have the same clean runs and the same plan, and each bears their whole cost. A way that
    has gone on has runs of mutants as well, and gives none.
    """
    steps = bench.steps()
    gone_on = {each["way"] for each in steps if each["stage"] != PLAN}
    plans = [each for each in steps if each["stage"] == PLAN and each["way"] not in gone_on]
    if step.stage != PLAN or not plans:
        return None
    shutil.rmtree(step.folder, ignore_errors=True)
    shutil.copytree(bench.campaign(plans[0]["way"]), step.folder, symlinks=True, ignore=LEFT_OUT)
    return {**plans[0], "way": step.way}


def do(step: Step, bench: Bench) -> dict[str, Any]:
    """Do a step in a process of its own; return what it used, and what its campaign holds.

    Where warm and cold runs disagree, the command is repeated, as a user would; all counts.
    """
    bench.keep(step.way)
    before, load = yardstick(), os.getloadavg()[0]
    tries: list[Used] = []
    own = 0.0
    while not tries or (tries[-1].status == ExitCode.AUDIT and len(tries) < MOST_TRIES):
        used, report = _start(step, bench.log(step.way))
        tries.append(used)
        own += report.get("own", 0.0)
    check(tries[-1], bench.log(step.way), step)
    cpu = sum(used.cpu for used in tries)
    say(f"  {cpu:.1f} s of processor, {sum(used.wall for used in tries):.1f} s")
    return {
        "stage": step.stage,
        "way": step.way,
        "mutants": step.mutants,
        "cpu": cpu,
        "own": own,
        "wall": sum(used.wall for used in tries),
        "disagreements": len(tries) - 1,
        "yardstick": [before, yardstick()],
        "load": load,
        "commit": commit(),
        "stored": stored_seconds(Path(step.folder)),
    }


def check(used: Used, log: Path, step: Step) -> None:
    """Raise SystemExit with the end of the log where a step has failed."""
    if used.status:
        tail = log.read_text(encoding="utf-8", errors="replace")[-TAIL:]
        raise SystemExit(f"{tail}\nexit status {used.status}: {step}")


def _start(step: Step, log: Path) -> tuple[Used, dict[str, float]]:
    """Start a step; return what it used, and what it reports of itself."""
    receiver, sender = os.pipe()
    command = [sys.executable, str(Path(__file__).with_name("ways.py"))]
    try:
        used = metered([*command, as_text(replace(step, out=sender))], log, out=sender)
    finally:
        os.close(sender)
    with os.fdopen(receiver, encoding="utf-8") as report:
        text = report.read()
    return used, json.loads(text) if text else {}


def commit() -> str:
    """Return the commit that is measured, with a mark where files differ from it."""
    command = ["git", "-C", str(ROOT), "describe", "--always", "--dirty", "--exclude", "*"]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "not known"


def check_plans(plan: Plan, bench: Bench) -> None:
    """Raise SystemExit where two ways have planned other mutants: nothing could be compared."""
    begun = {step["way"] for step in bench.steps()}
    ways = [way for way in plan.ways if way in begun]
    plans = {way: planned_ids(bench.campaign(way), plan.limit(way)) for way in ways}
    longest = max(plans.values(), key=len)
    for way, ids in plans.items():
        if ids != longest[: len(ids)]:
            raise SystemExit(f"{plan.name}: the way `{way}` has planned other mutants")


def write(plan: Plan, bench: Bench, out: Path) -> None:
    """Write the results of a study beside those of others."""
    kept = json.loads(out.read_text(encoding="utf-8")) if out.is_file() else {}
    studies: dict[str, Any] = kept.get("studies", {})
    folders = {way: bench.campaign(way) for way in plan.ways}
    limits = {way: plan.limit(way) for way in plan.ways}
    steps = [step for step in bench.steps() if step["mutants"] <= limits.get(step["way"], 0)]
    result = {**asdict(plan), "draws": plan.draws}
    result |= measured(folders, steps, limits, plan.draws)
    result["answers"] = answers(plan.study, result)
    result["parts"] = {way: parts(found) for way, found in result["ways"].items()}
    studies[plan.name] = result
    content = {"studies": studies, "pooled": pooled(studies.values())}
    new = out.with_suffix(".new")
    new.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    new.replace(out)


def main(arguments: Sequence[str]) -> None:
    """Measure the studies that are named, or all."""
    INTERRUPTS.listen()
    options = _parser().parse_args(arguments)
    for study in options.study or STUDIES:
        plan = Plan(
            study,
            options.profile,
            options.mutants,
            options.naive if options.naive is not None else options.mutants,
            options.slice,
            options.jobs,
            tuple(options.ways),
            options.first_only,
        )
        folder = options.cache / f"{study}-{plan.profile}-{plan.jobs}"
        run(plan, Bench(folder), options.out)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--study", action="append", choices=STUDIES, help="measure this study; repeat it for more"
    )
    parser.add_argument("--profile", choices=PROFILES, default="quick")
    parser.add_argument("--mutants", type=int, default=120, metavar="N")
    parser.add_argument(
        "--naive", type=int, metavar="N", help="mutants that run all cold without rules"
    )
    parser.add_argument(
        "--slice", type=int, default=60, metavar="N", help="mutants after which ways take turns"
    )
    parser.add_argument(
        "--first-only", action="store_true", help="leave further seeds to a later command"
    )
    parser.add_argument("--jobs", type=int, default=1, metavar="N")
    parser.add_argument("--ways", nargs="+", choices=list(WAYS), default=USUAL)
    parser.add_argument(
        "--cache",
        type=Path,
        default=cache_folder() / "benchmarks",
        metavar="DIR",
        help="the folder of the campaigns, from which the same command goes on",
    )
    parser.add_argument("--out", type=Path, default=OUT, metavar="FILE")
    return parser


if __name__ == "__main__":
    main(sys.argv[1:])
