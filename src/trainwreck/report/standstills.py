"""Words for a run that was stuck."""

from trainwreck.model import Standstill, Stuck
from trainwreck.report.words import counted, duration, times


def shown_stuck(stuck: Stuck) -> str:
    """Say what shows that a run could not go on, and when it was ended."""
    match stuck.why:
        case Standstill.ASLEEP:
            return (
                f"All its threads ({stuck.threads}) were asleep, and none of them would have woken "
                f"before the time limit. It ran {duration(stuck.seconds)}."
            )
        case Standstill.UNCHANGING:
            shown = (
                f"It ran in circles: {counted(stuck.answers, 'comparison')} of all that it holds "
                f"found {counted(stuck.states, 'state')}, again and again"
            )
        case Standstill.RUNAWAY:
            shown = (
                f"It evaluated the mutated code {times(stuck.hits or 0)}, where a clean run does "
                f"{times(stuck.evaluations or 0)}, and nothing else showed progress"
            )
    taken = f"{duration(stuck.seconds)}, and {duration(stuck.clean)} in a clean run"
    return f"{shown}. The phase had taken {taken}."
