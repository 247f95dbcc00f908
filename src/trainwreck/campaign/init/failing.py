"""Explains why somebody's program did not run to its end, and what to do about it."""

import re
from collections.abc import Sequence

from trainwreck.campaign.advice import NO_NETWORK, STATUS_OF_USAGE, advice_for
from trainwreck.campaign.init.observe import Observed
from trainwreck.errors import CleanProgramError
from trainwreck.model import Ending
from trainwreck.report.words import duration, joined
from trainwreck.subject.program_text import ProgramText

LOG_TAIL = 12
USAGE = re.compile(r"^usage:.*(?:\n.*)*", re.IGNORECASE | re.MULTILINE)
MOST_OPTIONS = 5
NO_DEVICE = re.compile(
    r"no CUDA(?:-capable)? (?:GPUs? |device )|Found no NVIDIA driver|not compiled with CUDA"
    r"|CUDA (?:is )?not available|CUDA driver|no GPU|GPU (?:is )?not (?:available|found)"
    r"|requires? (?:a )?GPU|MisconfigurationException.*(?:gpu|cuda)|`?(?:CUDA|GPU)Accelerator`?"
    r"|Invalid device (?:id|ordinal)|libcuda|MPS backend|Unknown backend:? '?(?:gpu|cuda|tpu)"
    r"|No supported gpu backend|Attempting to deserialize object on a CUDA device",
    re.IGNORECASE,
)
DEVICE = re.compile(r"device|cuda|gpu|cpu|accelerator|mps", re.IGNORECASE)
OF_ARGUMENTS = re.compile(
    r"^\s+.*\bargv\b.*\n(?:[ ~^]+\n)?(?:IndexError|ValueError): ", re.MULTILINE
)
"""The end of a traceback whose last line of code reads the arguments."""
UNKNOWN_OPTION = re.compile(
    r"unrecognized arguments?|no such option|unknown (?:option|argument|flag)|Unknown command line "
    r"flag|unexpected keyword|Got unexpected extra argument|Could not override|Key '.*' not in",
    re.IGNORECASE,
)


def refuses_option(observed: Observed, name: str) -> bool:
    """Return whether the program ended because it does not know an option."""
    exit_ = observed.result.outcome.exit
    if exit_.fine or exit_.ending is not Ending.EXITED:
        return False
    return UNKNOWN_OPTION.search(observed.output) is not None and name in observed.output


def check_works(observed: Observed, text: ProgramText, limit: float) -> None:
    """Raise CleanProgramError where a run did not end well.

    Args:
        observed: The run.
        text: The program, whose options may help.
        limit: The most seconds that the run had.

    """
    exit_ = observed.result.outcome.exit
    if exit_.fine:
        return
    if exit_.ending in (Ending.TIME, Ending.CPU):
        raise CleanProgramError(_too_long(limit), _shorter(text.shorter(), text.entry))
    output = observed.output
    is_refused = exit_.ending is Ending.EXITED and exit_.code == STATUS_OF_USAGE
    usage = USAGE.search(output) if is_refused else None
    said = _indented((usage[0] if usage else output).strip().splitlines()[-LOG_TAIL:])
    if usage or OF_ARGUMENTS.search(output):
        raise CleanProgramError(
            f"the program needs other arguments; it printed:\n{said}",
            "Add them behind it, as you would type them: `trainwreck init python "
            f"{text.entry or 'train.py'} …`.",
        )
    tail = said or "    (nothing)"
    problem = f"the program does not work: {_ending(observed)}; it printed:\n{tail}"
    raise CleanProgramError(problem, _advice(observed, text))


def _too_long(limit: float) -> str:
    return (
        f"the program did not end within {duration(limit)}, and a campaign runs it hundreds of "
        "times"
    )


def _shorter(options: Sequence[str], entry: str) -> str:
    names = [f"`{name}`" for name in options[:MOST_OPTIONS]]
    more = "or give it more time with `--limit 1h`"
    if not names:
        return (
            "Make it train for seconds: it takes no option for that, so let it read a smaller "
            "number from its environment (`epochs = int(os.environ.get('EPOCHS', 100))`) and run "
            f"`trainwreck init EPOCHS=2 python {entry or 'train.py'}`, {more}."
        )
    return f"Make it shorter by its own options, such as {joined(names, 'or')}, {more}."


def _ending(observed: Observed) -> str:
    outcome = observed.result.outcome
    if outcome.error is not None and outcome.error.type != "SystemExit":
        message = outcome.error.message.strip().splitlines()
        return f"{outcome.error.type}: {message[0]}" if message else outcome.error.type
    if outcome.exit.ending is Ending.EXITED:
        return f"it ended with exit status {outcome.exit.code}"
    return f"it ended by {outcome.exit}"


def _advice(observed: Observed, text: ProgramText) -> str:
    outcome, output = observed.result.outcome, observed.output
    if NO_DEVICE.search(output):
        options = [o.name for o in text.options if DEVICE.search(o.name)]
        names = joined([f"`{name}`" for name in dict.fromkeys(options)][:MOST_OPTIONS], "or")
        by = f" by {names}" if names else ""
        return f"Let it use the processor{by}, or run trainwreck where there is a GPU."
    if text.problem and outcome.error is not None and outcome.error.type == "SyntaxError":
        hint = "Name the Python that it is written for, from 3.6 on, with `--python PATH`."
        if "print" in text.problem or "Missing parentheses" in text.problem:
            return f"It is written for Python 2, which trainwreck does not run: port it. {hint}"
        return hint
    if NO_NETWORK.search(output):
        return (
            "This run may use the network, and did not reach what it wanted: check the connection, "
            "or make the program find on disk what it fetches."
        )
    settings, subject = observed.settings, observed.subject
    advice = advice_for(
        settings, subject.interpreter.executable, outcome, output, subject.context.policy
    )
    if advice and "pip install" in advice:
        install = advice.split(", or set")[0]
        beside = settings.folder / ".venv" / "bin" / "python"
        is_other = beside.is_file() and str(beside) != subject.interpreter.executable
        path = ".venv/bin/python" if is_other else "PATH"
        return f"{install}, or name the interpreter that has it: `--python {path}`."
    return advice or (
        "Make it run to its end by itself first: a run has no terminal, and its standard input is "
        "empty."
    )


def _indented(lines: Sequence[str]) -> str:
    return "\n".join(f"    {line}" for line in lines)
