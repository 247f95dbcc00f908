"""``trainwreck.toml`` to settings, checked key by key."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from trainwreck.errors import UsageError
from trainwreck.model import (
    RULES_IN_USE,
    DrawMethod,
    Margin,
    Metric,
    PhaseMark,
    Subject,
    VerdictSettings,
)
from trainwreck.model.placeholders import PLACEHOLDERS, names_in
from trainwreck.operators import families
from trainwreck.subject.commands import command_mistake, command_of_text, program_of
from trainwreck.subject.deciding import USUAL_SEEDS, can_decide, least_clean, least_seeds
from trainwreck.subject.settings import (
    DataSource,
    DescribedBug,
    DescribedCheck,
    MutantSettings,
    Settings,
    TextEdit,
    TrialSettings,
)
from trainwreck.subject.settings_keys import (
    BUGS,
    CHECKS,
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
from trainwreck.subject.value_kinds import Mistake, toml

FILE_NAME = "trainwreck.toml"
CHECK_NAME = re.compile(r"[\w.-]{1,100}", re.ASCII)

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
            "Change to the folder of your program, or write the file with `trainwreck init`.",
        )
    return _SettingsReader(SettingsText(file, profile)).settings(python)


class _SettingsReader:
    """Turns one settings file into settings."""

    def __init__(self, text: SettingsText) -> None:
        self._text = text
        self._content = text.content

    def settings(self, python: str | None) -> Settings:
        for name in self._content:
            if name not in NAMES_OF_SECTIONS:
                raise self._text.unknown((name,), NAMES_OF_SECTIONS)
        self._check_text_as_command()
        subject = self._section(SUBJECT)
        subject["python"] = python or subject["python"]
        requirements, note = subject.pop("requirements"), subject.pop("note")
        programs = subject.pop("programs") or ()
        subject["outputs"] = subject["outputs"] or ()
        untested_python = subject.pop("untested_python")
        credentials = subject.pop("credentials") or ()
        self._check_variables(credentials, "credentials")
        verdicts = VerdictSettings(**self._section(VERDICTS))
        return Settings(
            subject=self._subject(subject),
            mutants=self._mutants(),
            trials=self._trials(verdicts.alpha),
            verdicts=verdicts,
            data=DataSource(**self._section(DATA)) if self._content.get(DATA.name) else None,
            requirements=requirements,
            programs=programs,
            note=note,
            file=self._text.file.resolve(),
            untested_python=untested_python,
            bugs=self._bugs(),
            credentials=credentials,
            checks=self._checks(),
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
        self._check_command(values["command"])
        self._check_placeholders(values["command"], ("subject", "command"))
        self._check_variables([name for name, _ in values["env"]], "env")
        for name, text in values["env"]:
            self._check_placeholders([text], ("subject", "env", name))
        return Subject(**values, metrics=self._metrics(), phases=self._phases())

    def _check_variables(self, names: Iterable[str], key: str) -> None:
        for name in names:
            if not name or "=" in name:
                problem = f"holds {toml(name)}, which no environment variable can be named"
                raise self._text.mistake(("subject", key), problem, "Correct the name.")

    def _check_text_as_command(self) -> None:
        table = self._content.get(SUBJECT.name)
        text = table.get("command") if isinstance(table, dict) else None
        if isinstance(text, str):
            problem = f"must be a list of strings, with at least one, not `{toml(text)}`"
            hint = f"Write `command = {toml(command_of_text(text))}`."
            raise self._text.mistake(("subject", "command"), problem, hint)

    def _check_command(self, words: Sequence[str], path: KeyPath = ("subject", "command")) -> None:
        mistake = command_mistake(words)
        if mistake is not None:
            raise self._text.mistake(path, *mistake)

    def _check_placeholders(self, texts: Iterable[str], path: KeyPath) -> None:
        for name in names_in(texts):
            if name not in PLACEHOLDERS:
                choices = ", ".join(f"`{{{word}}}`" for word in PLACEHOLDERS)
                raise self._text.mistake(
                    path,
                    f"has the unknown placeholder `{{{name}}}`",
                    f"Use one of {choices}, or write `{{{{{name}}}}}` for the text `{{{name}}}`.",
                )

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
        self._check_place(values, path)
        if values["pattern"] is None:
            values["pattern"] = "" if values["file"] else rf"trainwreck: {re.escape(name)}=(\S+)"
        return Metric(name, **values)

    def _check_place(self, values: Values, path: KeyPath) -> None:
        """Raise UsageError unless a metric is read either from the output or from a file."""
        file, column = values["file"], values["column"]
        if file and not column:
            hint = 'Name the column, key or tag to read, for example `column = "val_loss"`.'
            raise self._text.mistake((*path, "column"), f"is missing beside `file`: {file}", hint)
        if column and not file:
            hint = 'Add `file`, for example `file = "runs/metrics.csv"`.'
            raise self._text.mistake((*path, "column"), "has no effect without `file`", hint)
        for name in ("pattern", "stream"):
            if file and values[name] is not None:
                problem = "has no effect beside `file`, which is read instead of the output"
                raise self._text.mistake((*path, name), problem, "Remove one of the two.")

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

    def _bug(self, table: Mapping[str, Any], name: str) -> DescribedBug:
        values = self._values(BUGS, table, (name,))
        several = values.pop("edits")
        if several is None:
            return DescribedBug((self._edit(values, (name,)),), values["name"], values["link"])
        for key in EDIT:
            if key.name in table:
                problem = f"is there besides `edits`, which have a `{key.name}` each"
                raise self._text.mistake((name, key.name), problem, "Move it into `edits`.")
        section = replace(BUGS, keys=EDIT)
        path = (name, "edits")
        edits = tuple(self._edit(self._values(section, edit, path), path) for edit in several)
        return DescribedBug(edits, values["name"], values["link"])

    def _checks(self) -> tuple[DescribedCheck, ...]:
        tables = self._text.table(self._content.get(CHECKS.name, {}), (CHECKS.name,))
        return tuple(self._check(name, table) for name, table in tables.items())

    def _check(self, name: str, table: object) -> DescribedCheck:
        path = (CHECKS.name, name)
        if not CHECK_NAME.fullmatch(name):
            hint = "Use letters, digits, `-`, `_` and `.`, at most 100."
            raise self._text.mistake(path, "has a name that no line can report", hint)
        values = self._values(CHECKS, self._text.table(table, path), path)
        command = program_of(values.pop("command") or ())
        watch = values.pop("watch") or ""
        if command and watch:
            raise self._text.mistake(
                (*path, "watch"), "is there beside `command`", "Make it two checks."
            )
        if command:
            self._check_command(command, (*path, "command"))
            self._check_placeholders(command, (*path, "command"))
        return DescribedCheck(name, command, watch=watch, **values)

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
        if values["annotations"] is None:
            values["annotations"] = values["draw"] is DrawMethod.PAPER
        values["exclude"] = values["exclude"] or ()
        return MutantSettings(**values)

    def _trials(self, alpha: float) -> TrialSettings:
        values = self._section(TRIALS)
        written = self._text.table(self._content.get(TRIALS.name, {}), (TRIALS.name,))
        if "seeds" not in written:
            values["seeds"] = min(values["seeds"], values["clean"])
        elif "clean" not in written and values["seeds"] == 1:
            # Nothing is compared: further seeds only show whether the program uses them.
            values["clean"] = USUAL_SEEDS
        clean = values["clean"]
        if values["seeds"] > clean:
            raise self._text.mistake(
                (TRIALS.name, "seeds"),
                f"must not be above `clean`, which is {clean}: "
                "mutants are compared with clean runs of the same seeds",
                f"Lower `seeds` to {clean}, or raise `clean`.",
            )
        self._check_seeds(values, alpha, "seeds" if "seeds" in written else "clean")
        rules = values.pop("rules")
        values["writable"] = values["writable"] or ()
        return TrialSettings(
            **values,
            rules=tuple(rule for rule in rules if rule in RULES_IN_USE),
            removed_rules=tuple(rule for rule in rules if rule not in RULES_IN_USE),
        )

    def _check_seeds(self, values: Values, alpha: float, key: str) -> None:
        """Refuse numbers of runs that compare mutants and cannot decide on any."""
        clean, seeds, folds = values["clean"], values["seeds"], values["folds"]
        if seeds * folds == 1 or can_decide(clean, seeds, folds, alpha):
            return
        enough = least_seeds(clean, seeds, folds, alpha) if key == "seeds" else None
        clean_enough = least_clean(clean, seeds if key == "seeds" else None, folds, alpha)
        ways = [f"raise `seeds` to {enough}"] if enough else []
        ways += [f"raise `clean` to {clean_enough}"] if clean_enough else []
        ways += ["write `seeds = 1`, so that each mutant runs once and nothing is compared"]
        hint = ", or ".join(ways)
        raise self._text.mistake(
            (TRIALS.name, key),
            f"can never decide: {seeds * folds} runs of a mutant and {clean * folds} clean runs "
            f"are too few to show any difference (`alpha` is {alpha:g})",
            f"{hint[0].upper()}{hint[1:]}.",
        )
