"""The identity of a campaign: what it is made of, stored with it and compared on resuming."""

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from trainwreck import __version__
from trainwreck.campaign.levels import keep_held
from trainwreck.campaign.missing_metrics import check_reading
from trainwreck.campaign.prepare import PreparedSubject
from trainwreck.errors import UsageError
from trainwreck.model import APP, analysis_points, described
from trainwreck.mutants.files import application_files
from trainwreck.results.outlook import CLEAN_SEEDS, RULES
from trainwreck.source import hash_of
from trainwreck.store.campaign_file import CampaignFile
from trainwreck.subject.settings import ENV

IDENTITY = ("settings", "sources", "data", "python")
"""Keys of the campaign's meta table that a resumed campaign must agree with."""

FOR_PYTEST = re.compile(r"(^|/)(conftest|test_[^/]*|[^/]*_test)\.py$")
PARTS = "settings_by_name"
"""The key of what the settings' fingerprint was made of; campaigns before it have none."""
AS_BEFORE_STRATA = (
    'To go on with it, write `draw = "paper"` under [mutants] and leave out `annotations`: it was '
    "drawn before annotations were left out and strata drawn apart."
)


def remember(subject: PreparedSubject, file: CampaignFile) -> None:
    """Store what the campaign is made of. Raises UsageError where it was made of something else."""
    now = {
        "settings": subject.settings.fingerprint,
        "sources": {
            source.file: hash_of(source.path.read_bytes())
            for source in application_files(subject.settings.folder)
        },
        "data": _names_and_sizes(subject.context.data),
        "python": ".".join(map(str, subject.interpreter.version)),
    }
    _check_same(now, subject, file)
    metrics = subject.settings.subject.metrics
    check_reading(file, metrics)
    for key, value in now.items():
        file.set_meta(key, value)
    file.set_meta(PARTS, subject.settings.parts)
    if subject.settings.untested_python:
        file.set_meta("untested_python", True)
    file.set_meta("version", __version__)
    file.set_meta("subject", subject.settings.subject.name)
    file.set_meta("versions", subject.interpreter.versions)
    file.set_meta("metrics", [metric.name for metric in metrics])
    file.set_meta("measures", [described(metric) for metric in metrics])
    trials, verdicts = subject.settings.trials, subject.settings.verdicts
    file.set_meta("looks", analysis_points(trials.seeds, trials.folds))
    file.set_meta("verdicts", asdict(verdicts))
    file.set_meta(CLEAN_SEEDS, trials.clean)
    keep_held(file, subject.context.policy)
    if file.meta(RULES) is None:
        file.set_meta(RULES, trials.rules)
    bases = {name: str(base) for name, base in subject.context.bases.items()}
    file.set_meta("bases", {**bases, APP: str(subject.context.folder)})


def _check_same(now: Mapping[str, Any], subject: PreparedSubject, file: CampaignFile) -> None:
    """Raise UsageError where a campaign with finished runs was made of something else."""
    for key in IDENTITY if file.finished_number() else ():
        before = file.meta(key)
        if key == "sources" and isinstance(before, dict):
            before = _known_to_training(before, now[key], subject, file)
        if before is not None and before != now[key]:
            changes = _difference(before, now[key])
            if key == "settings":
                changes = _changed_settings(file.meta(PARTS) or {}, subject.settings.parts)
            hint = "Use another folder: trainwreck --campaign DIR …, or remove this one."
            if before == subject.settings.as_before_strata().fingerprint:
                hint = AS_BEFORE_STRATA
            raise UsageError(
                f"the campaign in {subject.context.campaign} was made with other {key}{changes}",
                hint,
            )


def _known_to_training(
    before: Mapping[str, str],
    now: Mapping[str, str],
    subject: PreparedSubject,
    file: CampaignFile,
) -> dict[str, str]:
    """Return the files as they were, but those of checks as they are: they may come and change.

    They are files that checks name or pytest collects, and that no measured clean run executed.
    """
    executed = {name for root, name in file.executed() if root == APP}
    words = [word.partition("::")[0] for c in subject.settings.checks for word in c.words]
    free = {
        name
        for name in before.keys() | now.keys()
        if name not in executed and (FOR_PYTEST.search(name) or _is_named(name, words))
    }
    kept = {name: text for name, text in before.items() if name not in free}
    return kept | {name: text for name, text in now.items() if name in free}


def _is_named(name: str, words: Iterable[str]) -> bool:
    """Return whether a command names a file, or a folder around it that is not the program's."""
    paths = [word.removeprefix("./").rstrip("/") for word in words]
    return any(name == path or (path and name.startswith(f"{path}/")) for path in paths)


def _names_and_sizes(data: Path | None) -> dict[str, int]:
    """Return names and sizes of the data files, which identify them without reading them."""
    if data is None:
        return {}
    return {path.name: path.stat().st_size for path in sorted(data.iterdir()) if path.is_file()}


def _changed_settings(before: Mapping[str, str], now: Mapping[str, str]) -> str:
    changes = [
        change
        for name in now
        if name in before and not name.startswith(ENV)
        for change in _changes(name, json.loads(before[name]), json.loads(now[name]))
    ]
    changes += [
        f"`{name}` changed"
        for name in sorted(before.keys() | now.keys() if before else ())
        if before.get(name) != now.get(name) and name.startswith(ENV)
    ]
    return f": {'; '.join(changes)}" if changes else ""


def _changes(name: str, before: Any, now: Any) -> Iterator[str]:
    """Yield what differs between two values of a setting; of tables, each key for itself."""
    if before == now:
        return
    old, new = _by_key(before), _by_key(now)
    if old is None or new is None:
        yield f"`{name}` was {_shown(before)} and is {_shown(now)}"
        return
    for key in dict.fromkeys((*old, *new)):
        within = f"{name}.{key}"
        if key not in new:
            yield f"`{within}` has gone"
        elif key not in old:
            yield f"`{within}` is new"
        else:
            yield from _changes(within, old[key], new[key])


def _by_key(value: Any) -> dict[str, Any] | None:
    """Return the values of a table, or tables with different names by their names; else None."""
    if isinstance(value, dict):
        return value
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        return None
    by_name = {each.get("name"): each for each in value}
    return by_name if None not in by_name and len(by_name) == len(value) else None


def _shown(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _difference(before: object, now: object) -> str:
    if isinstance(before, dict) and isinstance(now, dict):
        names = sorted(
            name for name in before.keys() | now.keys() if before.get(name) != now.get(name)
        )
        return f": {', '.join(names)} changed"
    return ""
