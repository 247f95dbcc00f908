"""A proposal of settings in words, for somebody who has just run `trainwreck init`."""

from collections.abc import Iterator
from dataclasses import asdict
from typing import Any

from trainwreck.model.proposal import Proposal, SeedWay, SeenMetric
from trainwreck.report.printable import one_line
from trainwreck.report.words import counted, duration, joined

SHOWN_VALUES = 3
LONGEST = 70


def proposal_text(proposal: Proposal) -> str:
    """Return what the run showed and what is proposed, line by line."""
    lines = [f"The program ran {duration(proposal.seconds)}, with its lines measured."]
    lines += ["metrics:", *(f"  {line}" for line in map(_metric, proposal.metrics))]
    if proposal.others:
        lines.append(f"  also seen: {joined([seen.metric.name for seen in proposal.others])}")
    lines.append(f"seed: {_seed(proposal)}")
    lines.append(f"bugs in: {joined(['the program', *map(str, _targets(proposal))])}")
    lines.append(f"phases: {_phases(proposal)}")
    if proposal.python:
        lines.append(f"python: {proposal.python}")
    if proposal.hosts:
        lines.append(f"network: it reached {joined(proposal.hosts)}; later runs may not")
    return "\n".join(one_line(line, 400) for line in lines)


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """Return a proposal as data."""
    return asdict(proposal)


def _metric(seen: SeenMetric) -> str:
    metric = seen.metric
    numbers = ", ".join(seen.values[-SHOWN_VALUES:])
    more = "…, " if len(seen.values) > SHOWN_VALUES else ""
    source = f"{metric.file}, column {metric.column}" if metric.file else metric.pattern
    redrawn = "; a progress bar draws it" if seen.is_redrawn else ""
    return (
        f"{metric.name}: {source} ({counted(len(seen.values), 'value')}: {more}{numbers}; "
        f"{metric.better} is better{redrawn})"
    )


def _seed(proposal: Proposal) -> str:
    seed = proposal.seed
    where = f" ({seed.where})" if seed.where else ""
    match seed.way:
        case SeedWay.OPTION:
            return f"by {seed.name}{where}"
        case SeedWay.ARGUMENT:
            return f"by argument {seed.name}{where}"
        case SeedWay.VARIABLE:
            return f"by the variable {seed.name}{where}"
        case SeedWay.NONE:
            return "the program takes none; the agent seeds the usual generators"


def _targets(proposal: Proposal) -> Iterator[str]:
    for target in proposal.targets:
        yield f"{target.name} ({counted(target.lines, 'line')} ran in training)"


def _phases(proposal: Proposal) -> str:
    if proposal.has_marks:
        return "the program marks them itself"
    if not proposal.phases:
        return "none, as no framework that trainwreck knows was seen to train"
    marks = [seen.mark for seen in proposal.phases]
    return joined([f"{mark.name} from {mark.file}:{mark.line}" for mark in marks])
