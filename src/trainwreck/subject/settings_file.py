"""``trainwreck.toml`` to settings, checked key by key."""

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.model import (
    RULES_IN_USE,
    Margin,
    Metric,
    PhaseMark,
    Subject,
    VerdictSettings,
)
from trainwreck.operators import families
from trainwreck.subject.settings import (
    DataSource,
    DescribedBug,
    MutantSettings,
    Settings,
    TextEdit,
    TrialSettings,
)
from trainwreck.subject.settings_keys import (
    BUGS,
    DATA,
    EDIT,
    METRICS,
    MUTANTS,
    NAMES_OF_SECTIONS,
    PHASE,
    SUBJECT,
    TRIALS,
    VERDICTS,
    Key,
    Section,
)
from trainwreck.subject.settings_text import KeyPath, SettingsText
from trainwreck.subject.value_kinds import Mistake

FILE_NAME = "trainwreck.toml"

Values = dict[str, Any]
"""The checked values of one section by key, with the defaults of those that are not written."""


def load_settings(file: Path, profile: str | None = None, python: str | None = None) -> Settings:
    """Read and check a ``trainwreck.toml``.

    Args:
        file: its path.
        profile: the profile whose values replace the others.
        python: an interpreter instead of the one in the file.

    Raises:
        UsageError: a mistake, with key, file and line.

    """
    if not file.is_file():
        raise UsageError(
            f"there is no {FILE_NAME} in {file.parent}",
            "Change to the folder of your program, or write the file as in docs/own-program.md.",
        )
    return _Reader(SettingsText(file, profile)).settings(python)


class _Reader:
    """Turns one settings file into settings."""

    def __init__(self, text: SettingsText) -> None:
        self._text = text
        self._content = text.content

    def settings(self, python: str | None) -> Settings:
        for name in self._content:
            if name not in NAMES_OF_SECTIONS:
                raise self._text.unknown((name,), NAMES_OF_SECTIONS)
        subject = self._section(SUBJECT)
        subject["python"] = python or subject["python"]
        requirements, note = subject.pop("requirements"), subject.pop("note")
        programs = subject.pop("programs") or ()
        untested_python = subject.pop("untested_python")
        return Settings(
            subject=self._subject(subject),
            mutants=self._mutants(),
            trials=self._trials(),
            verdicts=VerdictSettings(**self._section(VERDICTS)),
            data=DataSource(**self._section(DATA)) if self._content.get(DATA.name) else None,
            requirements=requirements,
            programs=programs,
            note=note,
            file=self._text.file.resolve(),
            untested_python=untested_python,
            bugs=self._bugs(),
        )

    def _section(self, section: Section) -> Values:
        table = self._text.table(self._content.get(section.name, {}), (section.name,))
        return self._values(section, table, (section.name,))

    def _values(self, section: Section, table: Mapping[str, Any], path: KeyPath) -> Values:
        keys = {key.name: key for key in section.keys}
        for name in table:
            if name not in keys:
                raise self._text.unknown((*path, name), keys)
        return {name: self._value(key, table, (*path, name)) for name, key in keys.items()}

    def _value(self, key: Key, table: Mapping[str, Any], path: KeyPath) -> Any:
        if key.required and key.name not in table:
            hint = f"Add it under [{'.'.join(path[:-1])}], for example `{key.line}`."
            raise self._text.mistake(path, "is missing", hint)
        value = table.get(key.name, key.default)
        try:
            return None if value is None else key.kind.check(value)
        except Mistake as mistake:
            hint = mistake.hint or f"Write, for example, `{key.line}`."
            raise self._text.mistake(path, mistake.problem, hint) from None

    def _subject(self, values: Values) -> Subject:
        folder = values["folder"]
        if not (self._text.file.parent / folder).is_dir():
            raise self._text.mistake(
                ("subject", "folder"),
                f"names no folder: `{folder}`",
                f"Correct the path, which starts from the folder of {FILE_NAME}.",
            )
        return Subject(**values, metrics=self._metrics(), phases=self._phases())

    def _metrics(self) -> tuple[Metric, ...]:
        tables = self._text.table(self._content.get(METRICS.name, {}), (METRICS.name,))
        if not tables:
            raise self._text.mistake(
                (METRICS.name,),
                "is missing, so nothing would be measured",
                "Add a section, for example [metrics.accuracy].",
            )
        return tuple(self._metric(name, table) for name, table in tables.items())

    def _metric(self, name: str, table: object) -> Metric:
        path = (METRICS.name, name)
        values = self._values(METRICS, self._text.table(table, path), path)
        self._check_margin(values["margin"], values["range"], (*path, "margin"))
        if values["pattern"] is None:
            values["pattern"] = rf"trainwreck: {re.escape(name)}=(\S+)"
        return Metric(name, **values)

    def _check_margin(
        self, margin: Margin | None, limits: tuple[float, float] | None, path: KeyPath
    ) -> None:
        if margin is None or limits is None or margin.is_share:
            return
        low, high = limits
        if margin.amount >= high - low:
            raise self._text.mistake(
                path,
                f"is as large as the whole range, {low:g} to {high:g}: "
                "all values would count as equivalent",
                "Choose a smaller margin.",
            )

    def _phases(self) -> tuple[PhaseMark, ...]:
        table = self._text.table(self._content.get("phases", {}), ("phases",))
        marks = []
        for name in table:
            file, line = self._value(replace(PHASE, name=name), table, ("phases", name))
            if "," in name:
                raise self._text.mistake(
                    ("phases", name), "has a comma in its name", "Choose a name without commas."
                )
            marks.append(PhaseMark(name, file, line))
        return tuple(marks)

    def _bugs(self) -> tuple[DescribedBug, ...]:
        tables = self._text.tables(self._content.get(BUGS.name, []), (BUGS.name,))
        return tuple(
            self._bug(table, f"{BUGS.name}[{number}]") for number, table in enumerate(tables, 1)
        )

    def _bug(self, table: Mapping[str, Any], place: str) -> DescribedBug:
        values = self._values(BUGS, table, (place,))
        several = values.pop("edits")
        if several is None:
            return DescribedBug((self._edit(values, (place,)),), values["name"], values["link"])
        for key in EDIT:
            if key.name in table:
                problem = f"is there besides `edits`, which have a `{key.name}` each"
                raise self._text.mistake((place, key.name), problem, "Move it into `edits`.")
        section = replace(BUGS, keys=EDIT)
        path = (place, "edits")
        edits = tuple(self._edit(self._values(section, edit, path), path) for edit in several)
        return DescribedBug(edits, values["name"], values["link"])

    def _edit(self, values: Values, path: KeyPath) -> TextEdit:
        for key in EDIT:
            value = values[key.name]
            if key.name != "line" and (value is None or (value == "" and key.name != "after")):
                hint = f"Add it, for example `{key.line}`."
                raise self._text.mistake((*path, key.name), "is missing", hint)
        edit = TextEdit(**{key.name: values[key.name] for key in EDIT})
        if edit.before == edit.after:
            raise self._text.mistake((*path, "after"), "is the same as `before`", "Change it.")
        return edit

    def _mutants(self) -> MutantSettings:
        values = self._section(MUTANTS)
        written = self._content.get(MUTANTS.name, {})
        chosen = values.pop("families")
        if "operators" in written and "families" in written:
            raise self._text.mistake(
                (MUTANTS.name, "families"),
                "has no effect beside `operators`, which names the operators one by one",
                "Remove one of the two.",
            )
        if values["operators"] is None:
            by_family = families()
            values["operators"] = tuple(name for family in chosen for name in by_family[family])
        return MutantSettings(**values)

    def _trials(self) -> TrialSettings:
        values = self._section(TRIALS)
        clean = values["clean"]
        if "seeds" not in self._content.get(TRIALS.name, {}):
            values["seeds"] = min(values["seeds"], clean)
        if values["seeds"] > clean:
            raise self._text.mistake(
                (TRIALS.name, "seeds"),
                f"must not be above `clean`, which is {clean}: "
                "mutants are compared with clean runs of the same seeds",
                f"Lower `seeds` to {clean}, or raise `clean`.",
            )
        rules = values.pop("rules")
        return TrialSettings(
            **values,
            rules=tuple(rule for rule in rules if rule in RULES_IN_USE),
            removed_rules=tuple(rule for rule in rules if rule not in RULES_IN_USE),
        )
