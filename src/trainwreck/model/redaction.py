"""Takes secrets and the user's name out of texts, for logs, reports and exports."""

import re
from collections.abc import Callable, Mapping
from pathlib import Path

from trainwreck.model.credentials import is_credential

SHORTEST = 8
"""Characters below which a value is too common a text to be taken out of all others."""

PLAIN = re.compile(r"/.*|[a-z]+(?:-[a-z]+)*")
"""A path, or words: the name of a profile, the way to a socket, which programs print as they do."""

SECRET = re.compile("PASS|SECRET|TOKEN", re.IGNORECASE)
"""Names whose value is a secret even where it is a word."""

SHAPES = {
    "token": r"\b(?:gh[pousr]_\w{30,}|github_pat_\w{30,}|glpat-[\w-]{20,}|hf_\w{30,}|sk-[\w-]{20,}"
    r"|xox[abprs]-[\w-]{10,}|npm_\w{36}|pypi-[\w-]{40,}|AIza[\w-]{35}|wandb_v\d_\w{20,})",
    "key": r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
    "web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}\.[\w-]{10,}",
    "private key": r"-----BEGIN\s[A-Z\s]*PRIVATE\sKEY-----[\s\S]*?"
    r"-----END\s[A-Z\s]*PRIVATE\sKEY-----",
    "password": r"(?<=://)[^\s/:@]*:[^\s/@]+(?=@)",
}
"""Texts that are secrets wherever they are found."""

_shapes = {name: re.compile(shape) for name, shape in SHAPES.items()}

Redact = Callable[[str], str]
"""Puts names in place of the secrets in a text."""


def redaction(environment: Mapping[str, str]) -> Redact:
    """Return a function that takes secrets out of a text.

    ``<NAME>`` stands for the value of a variable that holds a credential, ``<token>`` and the like
    for a text that has the shape of one.

    Args:
        environment: The variables of the environment.

    """
    secrets = {
        value: f"<{name}>"
        for name, value in sorted(environment.items())
        if len(value) >= SHORTEST
        and is_credential(name, value)
        and (SECRET.search(name) or not PLAIN.fullmatch(value))
    }
    longest_first = sorted(secrets, key=len, reverse=True)
    values = re.compile("|".join(map(re.escape, longest_first))) if secrets else None

    def redact(text: str) -> str:
        if values is not None:
            text = values.sub(lambda match: secrets[match[0]], text)
        for name, shape in _shapes.items():
            text = shape.sub(f"<{name}>", text)
        return text

    return redact


def for_others(environment: Mapping[str, str]) -> Redact:
    """Return a function that makes a text fit for others: without secrets, and ``~`` for the home.

    Args:
        environment: The variables of the environment.

    """
    redact, without_home = redaction(environment), _home_taken_out()
    return lambda text: without_home(redact(text))


def _home_taken_out() -> Redact:
    """Return a function that puts ``~`` in place of the user's home folder."""
    home = str(Path.home()).rstrip("/")
    if not home:
        return str
    pattern = re.compile(rf"(?<![\w.\-/]){re.escape(home)}(?![\w\-])")
    return lambda text: pattern.sub("~", text)
