"""The curves of clean runs for a page."""

from collections.abc import Iterable, Mapping
from typing import Any

from trainwreck.report.html.numbers import drawn_steps, shorts
from trainwreck.results.clean_curves import CleanCurve


def clean_curves(curves: Iterable[CleanCurve], metrics: Mapping[str, int]) -> dict[int, Any]:
    """Return the band of clean runs by the number of the metric; steps count from 1."""
    return {metrics[curve.metric]: _band(curve) for curve in curves if curve.metric in metrics}


def _band(curve: CleanCurve) -> dict[str, Any]:
    steps = drawn_steps(curve.middle)
    parts = {"low": curve.low, "middle": curve.middle, "high": curve.high, "first": curve.first}
    return {
        "runs": curve.runs,
        "steps": [step + 1 for step in steps],
        **{
            name: shorts(values[step] if step < len(values) else None for step in steps)
            for name, values in parts.items()
        },
    }
