"""Writes a ``trainwreck.toml`` with comments from a proposal."""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from trainwreck.model.proposal import Proposal, SeedWay, SeenMetric
from trainwreck.model.subject import Better, Metric
from trainwreck.subject.value_kinds import toml

BARE_KEY = re.compile(r"[A-Za-z0-9_-]+")
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u200b-\u200f\u202a-\u202e\ud800-\udfff]")
LONGEST_COMMENT = 90
SLOW = 15.0
"""Seconds of a run from which the proposal has fewer clean runs than usual."""
MUCH_MEMORY = 2 << 30
"""Bytes from which the limit of memory is raised."""
SHOWN_VALUES = 3
SHOWN_OUTPUTS = 4
NEVER = r"trainwreck: no such metric=(\S+)"
GUESSED = 'better = "higher"  # a guess, as the name does not say; or "lower"'


def probing_text(command: Sequence[str], folder: Path, python: str, env: Mapping[str, str]) -> str:
    """Return settings with which a program can run before its metrics are known."""
    lines = ["[subject]", 'name = "init"', f"command = {toml(list(command))}"]
    lines += [f"folder = {text_of(str(folder))}"]
    lines += [f"python = {text_of(python)}"] if python else []
    lines += [f"env = {_table(env.items())}"] if env else []
    return "\n".join([*lines, "", "[metrics.none]", f"pattern = {text_of(NEVER)}", ""])


def settings_text(proposal: Proposal) -> str:
    """Return the text of a ``trainwreck.toml``, in which comments say what each line rests on."""
    parts = [
        _subject(proposal),
        *map(_metric, proposal.metrics),
        _others(proposal.others),
        _phases(proposal),
        _trials(proposal),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def text_of(text: str) -> str:
    r"""Return a string of TOML: in single quotes, as written, where that can be.

    JSON's escapes are TOML's as well, but for the letters that TOML wants escaped besides.
    """
    if "'" not in text and not CONTROL.search(text):
        return f"'{text}'" if "\\" in text or '"' in text else f'"{text}"'
    return CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", toml(text))


def _subject(proposal: Proposal) -> str:
    lines = [
        "# Proposed by `trainwreck init` from one run of the program. Everything may be changed;",
        "# docs/settings.md has every key.",
        "[subject]",
        f"name = {text_of(proposal.name)}",
        f"command = [{', '.join(map(text_of, proposal.command))}]{_comment(_seed(proposal))}",
    ]
    lines += [f"python = {text_of(proposal.python)}"] if proposal.python else []
    lines += [f"env = {_table(proposal.env)}"] if proposal.env else []
    names = ["app", *(target.name for target in proposal.targets)]
    counts = [f"{target.name}: {target.lines:,}" for target in proposal.targets]
    lines.append("# `app` is the program itself.")
    if counts:
        lines.append(f"# Lines that ran while the model trained: {', '.join(counts)}.")
    lines.append(f"targets = [{', '.join(map(text_of, names))}]")
    if proposal.outputs:
        names = [text_of(name) for name in proposal.outputs[:SHOWN_OUTPUTS]]
        lines.append(
            "# The run wrote these files. The model's parameters are compared without them."
            if proposal.can_digest
            else "# The run wrote these files. Compare those that hold what was learnt:"
        )
        lines.append(f"# outputs = [{', '.join(names)}]")
    return "\n".join(lines)


def _seed(proposal: Proposal) -> str:
    where = f", {proposal.seed.where}" if proposal.seed.where else ""
    match proposal.seed.way:
        case SeedWay.NONE:
            return "no seed was found: the agent seeds the usual generators"
        case SeedWay.VARIABLE:
            return f"the seed goes by the variable {proposal.seed.name}{where}"
        case SeedWay.ARGUMENT:
            return f"argument {proposal.seed.name} is the seed{where}"
        case SeedWay.OPTION:
            return f"the program takes a seed{where}"


def _metric(seen: SeenMetric) -> str:
    metric = seen.metric
    number = len(seen.values)
    shown = ", ".join(seen.values[-SHOWN_VALUES:])
    more = "…, " if number > SHOWN_VALUES else ""
    lines = [f"# {_plain(f'{number} in the run: {more}{shown}')}"]
    if seen.is_redrawn:
        lines.append("# A progress bar draws it: runs may print different numbers of values.")
    section = list(_lines_of(metric))
    if seen.is_guessed and metric.better is Better.HIGHER:
        section.insert(2 + bool(metric.file), GUESSED)
    return "\n".join([*lines, *section])


def _lines_of(metric: Metric) -> Iterator[str]:
    """Yield the lines of a section of [metrics]."""
    yield f"[metrics.{_key(metric.name)}]"
    if metric.file:
        yield f"file = {text_of(metric.file)}"
        yield f"column = {text_of(metric.column)}"
    else:
        yield f"pattern = {text_of(metric.pattern)}"
    if metric.better is Better.LOWER:
        yield 'better = "lower"'
    if metric.range:
        yield f"range = [{metric.range[0]:g}, {metric.range[1]:g}]"
    if metric.margin:
        margin = text_of(str(metric.margin)) if metric.margin.is_share else f"{metric.margin}"
        yield f"margin = {margin}  # smaller differences do not matter; choose your own"


def _others(others: Sequence[SeenMetric]) -> str:
    """Return what else was reported, as comments that only need their sign removed."""
    if not others:
        return ""
    lines = ["# Also reported:"]
    for seen in others:
        written = (line for line in _lines_of(seen.metric) if not line.startswith("margin"))
        lines += [f"# {line}" for line in written]
    return "\n".join(lines)


def _phases(proposal: Proposal) -> str:
    if proposal.has_marks:
        return "# The program marks its phases itself, by `# phase: NAME` comments."
    if not proposal.phases:
        return (
            "# No framework that trainwreck knows was seen to train. Mark phases by comments in\n"
            '# the program: `# phase: learning`, or here: learning = "train.py:40"'
        )
    lines = ["# Where phases begin, as the run shows it.", "[phases]"]
    for seen in proposal.phases:
        mark = seen.mark
        lines.append(
            f"{mark.name} = {text_of(f'{mark.file}:{mark.line}')}{_comment(seen.statement)}"
        )
    return "\n".join(lines)


def _trials(proposal: Proposal) -> str:
    lines = ["[trials]"]
    if proposal.seconds >= SLOW:
        lines += ["clean = 8  # clean runs, each with its own seed; 30 by default",
                  "seeds = 5  # seeds of a bug that changes the result; 10 by default"]  # fmt: skip
    if proposal.peak > MUCH_MEMORY:
        gigabytes = -(-2 * proposal.peak // (1 << 30))
        lines.append(f'memory = "{gigabytes}G"  # the run used {proposal.peak / (1 << 30):.1f} G')
    if proposal.hosts:
        lines += [f"# The run reached {_plain(', '.join(proposal.hosts))}. Later runs may not:",
                  "# network = true"]  # fmt: skip
    return "\n".join(lines) if len(lines) > 1 else ""


def _comment(text: str) -> str:
    return f"  # {_plain(text)}"


def _plain(text: str) -> str:
    """Return a text as part of a comment: on one line, and not too long."""
    line = CONTROL.sub("?", text)
    return line if len(line) <= LONGEST_COMMENT else f"{line[:LONGEST_COMMENT]}…"


def _key(name: str) -> str:
    return name if BARE_KEY.fullmatch(name) else text_of(name)


def _table(pairs: Iterable[tuple[str, str]]) -> str:
    entries = (f"{_key(name)} = {text_of(value)}" for name, value in pairs)
    return f"{{ {', '.join(entries)} }}"
