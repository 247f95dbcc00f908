"""``trainwreck.toml`` to settings, checked key by key."""

import difflib
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.model import (
    RULES_IN_USE,
    Better,
    Margin,
    Metric,
    OperatorCode,
    PhaseMark,
    Rule,
    Subject,
)
from trainwreck.subject.settings import (
    DataSource,
    MutantSettings,
    Settings,
    TrialSettings,
    VerdictSettings,
)

FILE_NAME = "trainwreck.toml"
MEMORY_UNITS = {"K": 1 << 10, "M": 1 << 20, "G": 1 << 30}


SECTIONS: dict[str, dict[str, type | tuple[type, ...]]] = {
    "subject": {
        "name": str,
        "command": list,
        "python": str,
        "folder": str,
        "targets": list,
        "threads": int,
        "env": dict,
        "requirements": str,
        "programs": list,
        "note": str,
        "untested_python": bool,
    },
    "metrics": {"pattern": str, "better": str, "range": list, "margin": (int, float, str)},
    "mutants": {"operators": list, "per_file": int, "seed": int},
    "trials": {
        "clean": int,
        "repeats": int,
        "seeds": int,
        "folds": int,
        "timeout_factor": (int, float),
        "clean_timeout": (int, float),
        "memory": (str, int),
        "rules": list,
    },
    "verdicts": {"alpha": (int, float), "time_margin": (int, float)},
    "data": {"requirement": str, "sha256": str, "extract": list},
}
"""The keys of every section; ``[phases]`` and ``[profiles]`` have names of the user's choosing."""

NAMES_OF_SECTIONS = (*SECTIONS, "phases", "profiles")


def load_settings(file: Path, profile: str | None = None, python: str | None = None) -> Settings:
    """Read and check a ``trainwreck.toml``. Raises UsageError that names key, file and line."""
    if not file.is_file():
        raise UsageError(
            f"there is no {FILE_NAME} in {file.parent}",
            "go to the folder of your program, or write one (see docs/own-program.md)",
        )
    text = file.read_text(encoding="utf-8", errors="replace")
    try:
        content = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{file}: not valid TOML: {error}") from None
    return _Reader(file, text, content).settings(profile, python)


class _Reader:
    """One settings file being checked; knows where each key is written."""

    def __init__(self, file: Path, text: str, content: dict[str, Any]) -> None:
        self._file = file
        self._lines = text.splitlines()
        self._content = content
        self._profile: tuple[str, ...] = ()

    def settings(self, profile: str | None, python: str | None) -> Settings:
        content = self._with_profile(profile)
        self._check_names(content, NAMES_OF_SECTIONS, ())
        subject = self._section(content, "subject")
        if python:
            subject["python"] = python
        return Settings(
            subject=self._subject(subject, content),
            mutants=self._mutants(self._section(content, "mutants")),
            trials=self._trials(self._section(content, "trials")),
            verdicts=self._verdicts(self._section(content, "verdicts")),
            data=self._data(self._section(content, "data")),
            requirements=subject.get("requirements"),
            programs=tuple(subject.get("programs", ())),
            note=subject.get("note", ""),
            file=self._file.resolve(),
            untested_python=subject.get("untested_python", False),
        )

    def fail(self, path: tuple[str, ...], problem: str, hint: str = "") -> UsageError:
        where = f"{self._file}:{self._line_of(path)}"
        return UsageError(f"{where}: `{'.'.join(path)}` {problem}", hint)

    def _line_of(self, path: tuple[str, ...]) -> int:
        """The line where a key is written, or else that of what it belongs to; 1 for the file."""
        if self._profile and self._is_written((*self._profile, *path)):
            path = (*self._profile, *path)
        places = (path[:length] for length in range(len(path), 0, -1))
        return next(filter(None, map(self._written_at, places)), 1)

    def _is_written(self, path: tuple[str, ...]) -> bool:
        table: object = self._content
        for name in path:
            if not isinstance(table, dict) or name not in table:
                return False
            table = table[name]
        return True

    def _written_at(self, path: tuple[str, ...]) -> int:
        """The line where a key is written, or that of its section's header; 0 for neither."""
        section, key = ".".join(path[:-1]), path[-1]
        found, current = 0, ""
        for number, line in enumerate(self._lines, 1):
            if header := re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line):
                current = header[1].replace('"', "").replace("'", "")
                if current == ".".join(path):
                    return number
                found = number if current == section else found
            elif current == section and re.match(rf"\s*[\"']?{re.escape(key)}[\"']?\s*=", line):
                return number
        return found

    def _with_profile(self, profile: str | None) -> dict[str, Any]:
        profiles = self._table(self._content.get("profiles", {}), ("profiles",))
        if profile is None:
            return self._content
        if profile not in profiles:
            known = ", ".join(profiles) or "none"
            raise UsageError(f"{self._file}: there is no profile `{profile}`", f"profiles: {known}")
        self._profile = ("profiles", profile)
        content = {name: value for name, value in self._content.items() if name != "profiles"}
        for section, values in self._table(profiles[profile], ()).items():
            before = self._table(content.get(section, {}), (section,))
            content[section] = {**before, **self._table(values, (section,))}
        return content

    def _table(self, value: object, path: tuple[str, ...]) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise self.fail(path or self._profile, "must be a table")
        return value

    def _check_names(
        self, table: Mapping[str, Any], known: tuple[str, ...], path: tuple[str, ...]
    ) -> None:
        for name in table:
            if name not in known:
                near = difflib.get_close_matches(name, known, 1)
                hint = f"did you mean `{near[0]}`?" if near else f"known: {', '.join(known)}"
                raise self.fail((*path, name), "is unknown", hint)

    def _section(self, content: Mapping[str, Any], name: str) -> dict[str, Any]:
        table = self._table(content.get(name, {}), (name,))
        self._check_keys(table, name, (name,))
        return dict(table)

    def _check_keys(self, table: Mapping[str, Any], kind: str, path: tuple[str, ...]) -> None:
        types = SECTIONS[kind]
        self._check_names(table, tuple(types), path)
        for key, value in table.items():
            wanted = types[key]
            names = wanted if isinstance(wanted, tuple) else (wanted,)
            if not isinstance(value, wanted) or (isinstance(value, bool) and bool not in names):
                written = " or ".join(_TYPE_NAMES[name] for name in names)
                raise self.fail((*path, key), f"must be {written}, not `{value}`")
            if wanted is list and key != "range":
                self._check_strings(value, (*path, key))

    def _check_strings(self, values: Any, path: tuple[str, ...]) -> None:
        may_be_empty = path[-1] == "rules"
        if not (values or may_be_empty) or not all(isinstance(value, str) for value in values):
            raise self.fail(path, "must be a list of strings, and not an empty one")

    def _subject(self, table: dict[str, Any], content: Mapping[str, Any]) -> Subject:
        for key in ("name", "command"):
            if key not in table:
                raise self.fail(("subject", key), "is missing")
        folder = table.get("folder", ".")
        if not (self._file.parent / folder).is_dir():
            raise self.fail(("subject", "folder"), f"names no folder: {folder}")
        env = table.get("env", {})
        if not all(isinstance(value, str) for value in env.values()):
            raise self.fail(("subject", "env"), "must map names to strings")
        return Subject(
            name=table["name"],
            command=tuple(table["command"]),
            folder=folder,
            python=table.get("python", ""),
            targets=tuple(table.get("targets", ["app"])),
            metrics=self._metrics(content.get("metrics", {})),
            phases=self._phases(content.get("phases", {})),
            threads=self._at_least(table, "subject", "threads", 1, 1),
            env=tuple(sorted(env.items())),
        )

    def _metrics(self, tables: object) -> tuple[Metric, ...]:
        if not isinstance(tables, dict) or not tables:
            raise self.fail(("metrics",), "is missing", "say what to measure: [metrics.accuracy]")
        return tuple(self._metric(name, table) for name, table in tables.items())

    def _metric(self, name: str, table: object) -> Metric:
        path = ("metrics", name)
        if not isinstance(table, dict):
            raise self.fail(path, "must be a table")
        self._check_keys(table, "metrics", path)
        pattern = table.get("pattern", rf"trainwreck: {re.escape(name)}=(\S+)")
        try:
            groups = re.compile(pattern).groups
        except re.error as error:
            raise self.fail((*path, "pattern"), f"is no regular expression: {error}") from None
        if groups != 1:
            raise self.fail((*path, "pattern"), "must have one group, around the number")
        better = table.get("better", "higher")
        if better not in list(Better):
            raise self.fail((*path, "better"), "must be `higher` or `lower`")
        legal = self._range(table.get("range"), path)
        margin = self._margin(table.get("margin"), legal, path)
        return Metric(name, pattern, Better(better), legal, margin)

    def _margin(
        self,
        written: float | str | None,
        legal: tuple[float, float] | None,
        path: tuple[str, ...],
    ) -> Margin | None:
        if written is None:
            return None
        try:
            margin = Margin.read(written)
        except ValueError:
            problem = f'must be a number above 0, or a share like "2%", not `{written}`'
            raise self.fail((*path, "margin"), problem) from None
        if legal and not margin.is_share and margin.amount >= legal[1] - legal[0]:
            problem = f"is as large as the whole range, {legal[0]:g} to {legal[1]:g}"
            raise self.fail((*path, "margin"), problem, "all values would count as equivalent")
        return margin

    def _range(self, limits: Any, path: tuple[str, ...]) -> tuple[float, float] | None:
        if limits is None:
            return None
        numbers = all(isinstance(limit, int | float) for limit in limits)
        if len(limits) != 2 or not numbers or limits[0] >= limits[1]:
            raise self.fail((*path, "range"), "must be two numbers, the smaller one first")
        return float(limits[0]), float(limits[1])

    def _phases(self, table: object) -> tuple[PhaseMark, ...]:
        if not isinstance(table, dict):
            raise self.fail(("phases",), "must be a table")
        marks = []
        for name, place in table.items():
            file, _, line = str(place).rpartition(":")
            if not file or not line.isdecimal() or int(line) < 1:
                raise self.fail(("phases", name), f"must look like `train.py:40`, not `{place}`")
            if "," in name:
                raise self.fail(("phases", name), "must have no comma in its name")
            marks.append(PhaseMark(name, file, int(line)))
        return tuple(marks)

    def _mutants(self, table: dict[str, Any]) -> MutantSettings:
        codes = table.get("operators", list(OperatorCode))
        for code in codes:
            if code not in list(OperatorCode):
                known = ", ".join(OperatorCode)
                raise self.fail(("mutants", "operators"), f"has no `{code}`", f"known: {known}")
        return MutantSettings(
            operators=tuple(code for code in OperatorCode if code in codes),
            per_file=self._at_least(table, "mutants", "per_file", 50, 1),
            seed=self._at_least(table, "mutants", "seed", 0, 0),
        )

    def _trials(self, table: dict[str, Any]) -> TrialSettings:
        factor = float(table.get("timeout_factor", 10))
        if not 1 < factor < 1e6:
            raise self.fail(("trials", "timeout_factor"), "must be above 1")
        timeout = float(table.get("clean_timeout", 3600))
        if not 0 < timeout < 1e9:
            raise self.fail(("trials", "clean_timeout"), "must be a number of seconds above 0")
        clean = self._at_least(table, "trials", "clean", 30, 1)
        seeds = self._at_least(table, "trials", "seeds", min(10, clean), 1)
        if seeds > clean:
            raise self.fail(
                ("trials", "seeds"),
                f"must not be above `clean`, which is {clean}",
                "mutants are compared with clean runs of the same seeds",
            )
        rules = self._rules(table.get("rules", list(RULES_IN_USE)))
        return TrialSettings(
            clean=clean,
            repeats=self._at_least(table, "trials", "repeats", 4, 0),
            seeds=seeds,
            folds=self._at_least(table, "trials", "folds", 1, 1),
            timeout_factor=factor,
            clean_timeout=timeout,
            memory=self._memory(table.get("memory", "4G")),
            rules=tuple(rule for rule in rules if rule in RULES_IN_USE),
            removed_rules=tuple(rule for rule in rules if rule not in RULES_IN_USE),
        )

    def _verdicts(self, table: dict[str, Any]) -> VerdictSettings:
        usual = VerdictSettings()
        alpha = float(table.get("alpha", usual.alpha))
        if not 0 < alpha <= 0.5:
            raise self.fail(
                ("verdicts", "alpha"), f"must be above 0 and at most 0.5, not {alpha:g}"
            )
        time_margin = float(table.get("time_margin", usual.time_margin))
        if not 0 <= time_margin < 1e6:
            raise self.fail(("verdicts", "time_margin"), "must be a share of the clean time")
        return VerdictSettings(alpha, time_margin)

    def _rules(self, names: list[str]) -> tuple[Rule, ...]:
        for name in names:
            if name not in list(Rule):
                raise self.fail(
                    ("trials", "rules"), f"has no `{name}`", f"known: {', '.join(RULES_IN_USE)}"
                )
        return tuple(rule for rule in Rule if rule in names)

    def _at_least(
        self, table: Mapping[str, Any], section: str, key: str, default: int, least: int
    ) -> int:
        value: int = table.get(key, default)
        if value < least:
            raise self.fail((section, key), f"must be at least {least}, not {value}")
        return value

    def _memory(self, value: str | int) -> int:
        found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMG]?)i?B?", str(value).strip())
        if not found or float(found[1]) <= 0:
            raise self.fail(("trials", "memory"), f'must look like "4G", not `{value}`')
        return int(float(found[1]) * MEMORY_UNITS.get(found[2], 1))

    def _data(self, table: dict[str, Any]) -> DataSource | None:
        if not table:
            return None
        for key in SECTIONS["data"]:
            if key not in table:
                raise self.fail(("data", key), "is missing")
        return DataSource(table["requirement"], table["sha256"], tuple(table["extract"]))


_TYPE_NAMES = {
    str: "a string",
    int: "a whole number",
    float: "a number",
    list: "a list",
    dict: "a table",
    bool: "true or false",
}
