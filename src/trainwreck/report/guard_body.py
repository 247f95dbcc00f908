"""Compares one training with measured values; the text of this module is a part of guard files.

It runs in the user's own tests, on Python 3.6 and newer, and needs the standard library alone.
"""

import math
import os
import platform
import re
import subprocess
import sys
import unittest

VECTORS = "avx avx2 fma avx512f avx512_bf16 amx_tile neon asimd sve sve2"
NUMBER = re.compile(r"[-+]?(?:\d[\d,]*\.?\d*(?:e[-+]?\d+)?|\.\d+(?:e[-+]?\d+)?|nan|inf)", re.I)
CODES = re.compile(r"\x1b\[[0-?]*[ -/]*[@-~]")
RUNS = []  # type: list[dict[str, list[float]]]


def kind_of_machine():  # type: () -> dict[str, str]
    """Return what decides how numbers are rounded: system, processor, its vectors, and Python."""
    try:
        with open("/proc/cpuinfo") as file:
            words = set(file.read().split())
    except OSError:
        words = set()
    return {
        "system": platform.system(),
        "machine": platform.machine(),
        "vectors": " ".join(word for word in VECTORS.split() if word in words),
        "python": "%d.%d" % sys.version_info[:2],
    }


def versions_of(names):  # type: (list[str]) -> dict[str, str]
    """Return the versions of packages; none on a Python that cannot say, before 3.8."""
    try:
        from importlib import metadata
    except ImportError:
        return {}
    found = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = "not installed"
    return found


def check(data, form, *limits):  # type: (dict[str, object], str, *float) -> None
    """Fail where the values of a training, which is made once, are not those that were measured."""
    here, there = kind_of_machine(), data["machine"]  # type: tuple[dict[str, str], object]
    assert isinstance(there, dict)
    others = ["%s: %s, not %s" % (k, here[k], there[k]) for k in here if here[k] != there[k]]
    if others:
        raise unittest.SkipTest("measured on another kind of machine (%s)" % "; ".join(others))
    measured = data["versions"]
    assert isinstance(measured, dict)
    found = versions_of(sorted(measured))
    others = ["%s %s, not %s" % (n, v, measured[n]) for n, v in found.items() if v != measured[n]]
    if others:
        raise unittest.SkipTest("measured with other versions (%s)" % "; ".join(others))
    if not RUNS:
        RUNS.append(train(data))
    problem = problem_of(RUNS[0], data, form, limits)
    assert not problem, problem


def train(data):  # type: (dict[str, object]) -> dict[str, list[float]]
    """Return every value that one training reports, by metric."""
    command, folder, env = data["command"], data["folder"], data["env"]
    assert isinstance(command, list)
    assert isinstance(env, dict)
    ended = subprocess.run(
        [sys.executable] + command,
        cwd=os.path.join(os.path.dirname(os.path.abspath(__file__)), str(folder)),
        env=dict(os.environ, **env),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE if data["apart"] else subprocess.STDOUT,
        timeout=float(str(data["seconds"])),
    )
    texts = [(part or b"").decode("utf-8", "replace") for part in (ended.stdout, ended.stderr)]
    assert ended.returncode == 0, "the training failed:\n" + "".join(texts)[-2000:]
    patterns = data["patterns"]
    assert isinstance(patterns, dict)
    return {
        name: read_values(texts[1] if stream == "stderr" else "\n".join(texts), pattern)
        for name, (pattern, stream) in patterns.items()
    }


def read_values(text, pattern):  # type: (str, str) -> list[float]
    """Return the numbers that a pattern finds in the lines of a text."""
    lines = [CODES.sub("", line) for line in re.split("[\r\n]+", text)]
    shown = [found.group(1) for line in lines for found in re.finditer(pattern, line)]
    numbers = [NUMBER.search(text) for text in shown]
    return [float(number.group().replace(",", "")) for number in numbers if number]


def problem_of(run, data, form, limits):
    # type: (dict[str, list[float]], dict[str, object], str, tuple[float, ...]) -> str
    """Return which value is too far from the measured ones, or nothing."""
    golden, usual = data["golden"], data["usual"]
    assert isinstance(golden, dict)
    assert isinstance(usual, dict)
    if form == "final value":
        for name, (mean, deviation) in usual.items():
            last = run.get(name, [])[-1:]
            if not last or not abs(last[0] - mean) <= limits[0] * deviation:
                return "%s ends at %s; clean seeds: %r ± %r" % (name, last, mean, deviation)
        return ""
    part = {"first report": slice(0, 1), "last report": slice(-1, None)}.get(form, slice(None))
    for name, texts in golden.items():
        theirs, mine = [float(text) for text in texts][part], run.get(name, [])[part]
        if len(mine) != len(theirs):
            return "%s was reported %d times, not %d" % (name, len(mine), len(theirs))
        signed = [difference(a, b) for a, b in zip(mine, theirs)]
        apart = [abs(each) for each in signed]
        if max(apart, default=0.0) > limits[0]:
            number = apart.index(max(apart))
            return "%s, report %d: %r, not %r" % (name, number + 1, mine[number], theirs[number])
        if limits[1:] and signed and not abs(sum(signed) / len(signed)) <= limits[1]:
            return "%s differs by %r in the mean" % (name, sum(signed) / len(signed))
    return ""


def difference(mine, golden):  # type: (float, float) -> float
    """Return how far above the golden value one is; infinitely where one of them is no number."""
    if mine == golden or (math.isnan(mine) and math.isnan(golden)):
        return 0.0
    apart = mine - golden
    return math.inf if math.isnan(apart) else apart
