"""Recognises variables of the environment that hold credentials."""

import re
from collections.abc import Collection, Mapping

NAME_PARTS = (
    r"(^|_)(TOKENS?|SECRETS?|PASSWORDS?|PASSWD|PASSPHRASE|CREDENTIALS?|API_?KEYS?|PAT)(_|$)",
    r"(^|_)(KEY|KEYS|KEY_ID|DSN|PWD)$",
    r"PASSWORD|ACCESS_?KEY|PRIVATE_?KEY",
    r"^(AWS|AZURE)_",
    r"^(SSH_AUTH_SOCK|SSH_AGENT_PID|KUBECONFIG|NETRC|PGPASSFILE|DATABASE_URL)$",
)
NAME = re.compile("|".join(NAME_PARTS), re.IGNORECASE)
"""Names under which people keep credentials, or the way to them."""

HARMLESS = frozenset(
    ["PWD", "OLDPWD", "TOKENIZERS_PARALLELISM", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_CA_BUNDLE"]
)
"""Names that only seem to be some."""

AMOUNT = re.compile(r"\d{1,6}", re.ASCII)
"""The value of a name that speaks of tokens and keys of another kind: ``MAX_TOKENS=512``."""
OF_AMOUNTS = re.compile(r"(^|_)(TOKENS?|KEYS?)(_|$)", re.IGNORECASE)

WITH_PASSWORD = re.compile(r"[a-z][a-z0-9+.-]*://[^/\s:@]*:[^/\s@]+@", re.IGNORECASE)
"""An address that has a password in it."""


def is_credential(name: str, value: str) -> bool:
    """Return whether a variable of the environment holds a credential, or the way to one."""
    if not value or name in HARMLESS:
        return False
    if OF_AMOUNTS.search(name) and AMOUNT.fullmatch(value):
        return False
    return NAME.search(name) is not None or WITH_PASSWORD.search(value) is not None


def credentials_in(environment: Mapping[str, str], wanted: Collection[str] = ()) -> list[str]:
    """Return the names of the variables with credentials, in alphabetical order.

    Args:
        environment: The variables.
        wanted: Names to leave out of the answer, because the program needs these variables.

    """
    return sorted(
        name
        for name, value in environment.items()
        if name not in wanted and is_credential(name, value)
    )
