"""Impacts in words: the reasons for each comparison with the clean runs."""

from trainwreck.model import TIME, Compared, Ground, Impact
from trainwreck.model.draws import LEAST_EQUIVALENT
from trainwreck.report.words import counted

CPU_TIME = "CPU time"


def measure_name(compared: Compared) -> str:
    """Return the measure as people call it."""
    return CPU_TIME if compared.measure == TIME else compared.measure


def comparison(compared: Compared) -> str:
    """Return one comparison over all runs: the impact, its reasons, and the numbers."""
    numbers = [f"{counted(compared.runs, 'mutant run')}, {counted(compared.clean, 'clean run')}"]
    if compared.difference is not None:
        difference = f"difference of means {compared.difference:.3g}"
        if compared.interval:
            difference += " (interval {:.3g} to {:.3g})".format(*compared.interval)
        numbers.append(difference)
    if compared.shared is not None:
        numbers.append(f"{compared.shared:.3g} in the {counted(compared.pairs, 'shared draw')}")
    parts = [compared.impact or "", reasons(compared)]
    text = ": ".join(filter(None, parts)) or "no significant difference"
    return f"{measure_name(compared)}: {text} ({'; '.join(numbers)})"


def reasons(compared: Compared) -> str:
    """Return why a measure has its impact; nothing where no difference of the time is shown."""
    if compared.measure == TIME:
        return _of_time(compared)
    if compared.impact is Impact.CHANGED:
        return _of_changed(compared)
    return "; ".join(_reason(ground, compared) for ground in compared.grounds)


def _of_time(compared: Compared) -> str:
    if not compared.grounds or compared.ratio is None:
        return ""
    ratio = f"{compared.ratio:.2f} times the clean median ({_p(compared.p)})"
    within = Ground.WITHIN_MARGIN in compared.grounds
    return f"{ratio}, which is within the margin of the time" if within else ratio


def _of_changed(compared: Compared) -> str:
    # Folds may differ, so that only the clean run of the same fold counts.
    difference = compared.difference if compared.shared is None else compared.shared
    if difference is None:
        return "the program ignores the seed, and one side does not report this metric"
    if not difference:
        return "the program ignores the seed; the mutant reports the clean value"
    return f"the program ignores the seed; the mutant reports {difference:+.4g}"


def _reason(ground: Ground, compared: Compared) -> str:
    side = "higher" if compared.rises else "lower"
    margin = "no margin" if compared.margin is None else f"the margin of {compared.margin:g}"
    match ground:
        case Ground.IMPOSSIBLE_VALUE:
            of = counted(compared.runs, "run")
            wrong = compared.illegal
            return f"{len(wrong)} of {of} reported an impossible value ({wrong[0]:g})"
        case Ground.NO_CLEAN_VALUE:
            return "no clean run reports it"
        case Ground.NO_MUTANT_VALUE:
            return "no run of the mutant reports it"
        case Ground.BEYOND_MARGIN:
            return f"{side} by more than {margin} ({_p(compared.beyond)})"
        case Ground.DIFFERENT:
            return f"{side} ({_p(compared.p)})"
        case Ground.SIZE_OPEN:
            return f"it is not known whether by more than {margin}"
        case Ground.WITHIN_MARGIN:
            within = f"the difference is smaller than {margin} ({_p(compared.equivalence)})"
            return within + _not_excluded(compared)
        case Ground.NO_EQUIVALENCE:
            return f"nor is it shown to be smaller than {margin} ({_p(compared.equivalence)})"
    return _reason_without_margin(ground, compared)


def _reason_without_margin(ground: Ground, compared: Compared) -> str:
    runs = counted(compared.runs, "run")
    verb = "reports" if compared.runs == 1 else "report"
    match ground:
        case Ground.ONE_VALUE:
            same = "every run of the mutant and of the clean program reports the same value"
            return same + _not_excluded(compared)
        case Ground.EQUAL_TO_CLEAN:
            same = f"{runs} {verb} the value of the clean run with the same seed"
            return same + _not_excluded(compared)
        case Ground.DIRECTIONS_DISAGREE:
            return "ranks and means point in different directions"
        case Ground.NO_DIFFERENCE:
            return f"no significant difference ({_p(compared.p)})"
        case Ground.TOO_FEW_RUNS:
            clean = counted(compared.clean, "clean run")
            mutant = counted(compared.runs, "mutant run")
            return f"{mutant} and {clean} are too few to show a difference"
        case Ground.TOO_FEW_TO_BE_EQUIVALENT:
            return f"equivalence needs {LEAST_EQUIVALENT} runs"
        case Ground.ONE_CLEAN_RUN:
            return "a single clean run shows no variance"
        case Ground.HOPELESS:
            return "more runs are unlikely to decide it"
    return _no_margin(ground, compared)


def _no_margin(ground: Ground, compared: Compared) -> str:
    """Say that there is no margin, and what cannot be concluded without one."""
    missing = "the settings give no margin"
    if ground is Ground.MARGIN_OF_ZERO:
        missing = "the margin is a share of a clean median of 0"
    if Ground.DIFFERENT in compared.grounds:
        return f"{missing}, so the size of the difference is not judged"
    return f"{missing}, so equivalence cannot be shown"


def _not_excluded(compared: Compared) -> str:
    """Name what so few runs cannot see: a collapse in some of them."""
    if compared.not_excluded is None:
        return ""
    share = f"{100 * compared.not_excluded:.0f} %"
    runs = counted(compared.runs, "run")
    return f"; {runs} do not exclude a collapse in up to {share} of runs"


def _p(p: float | None) -> str:
    if p is None:
        return "not tested"
    return "p < 0.0001" if p < 1e-4 else f"p = {p:.2g}"
