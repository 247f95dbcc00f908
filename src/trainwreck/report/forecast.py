"""The forecast of a campaign in words."""

from trainwreck.model import Expected, Forecast
from trainwreck.report.words import counted, duration, joined

INTERVAL = "in brackets, 9 of 10 such forecasts"


def forecast_text(forecast: Forecast) -> str:
    """Say what the rest of a campaign takes: processor time, and the time until its end."""
    if forecast.cpu.high <= 0:
        return "nothing is left to run"
    cpu, wall = expected(forecast.cpu), expected(forecast.wall)
    jobs = counted(forecast.jobs, "trial")
    text = f"left: {cpu} of processor; the end in {wall} with {jobs} at a time ({INTERVAL})"
    if forecast.further >= 0.005:
        text += f"; further seeds are {forecast.further:.0%} of it"
    return text


def ahead_text(forecast: Forecast) -> str:
    """Say what a run takes before it starts: one estimate for all that follows."""
    parts = [counted(forecast.mutants, "mutant")] if forecast.mutants else []
    if forecast.further and forecast.most:
        parts += [f"up to {forecast.most:,} more where mutants change the result"]
    work = joined([*parts, "controls between them"])
    jobs = counted(forecast.jobs, "trial")
    return f"about {expected(forecast.wall)} with {jobs} at a time ({INTERVAL}): {work}"


def paid_text(forecast: Forecast, budget: float) -> str:
    """Say how many of the mutants that are left a budget in processor seconds pays for."""
    cpu, left = forecast.cpu, forecast.mutants
    ends = (cpu.seconds, cpu.high, cpu.low)
    usual, least, most = (min(left, round(budget * left / max(each, 1e-9))) for each in ends)
    return f"{duration(budget)} of processor pay for about {usual} of them [{least} to {most}]"


def expected(seconds: Expected) -> str:
    """Return a time with its interval: ``40 min 10 s [32 min 5 s to 51 min 0 s]``."""
    ends = f"{duration(seconds.low)} to {duration(seconds.high)}"
    return f"{duration(seconds.seconds)} [{ends}]"
