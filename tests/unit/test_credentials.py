"""Variables with credentials are recognised, and others are left alone."""

import pytest

from trainwreck.model.credentials import credentials_in, is_credential

CREDENTIALS = (
    "HF_TOKEN GITHUB_TOKEN GH_TOKEN WANDB_API_KEY OPENAI_API_KEY OPENAI_APIKEY AWS_PROFILE SECRET "
    "AWS_SECRET_ACCESS_KEY AZURE_CLIENT_ID DB_PASSWORD MYSQL_PWD PGPASSWORD DJANGO_SECRET_KEY "
    "STRIPE_SECRET GOOGLE_APPLICATION_CREDENTIALS SSH_AUTH_SOCK KUBECONFIG SENTRY_DSN GITHUB_PAT "
    "api_key"
)
OTHERS = (
    "PATH PWD OLDPWD HOME KEYBOARD MONKEY KERAS_BACKEND TOKENIZERS_PARALLELISM PYTHONPATH COMPAT "
    "XDG_SESSION_ID AWS_REGION KEYMAP TOKENIZER PATIENCE DBUS_SESSION_BUS_ADDRESS"
)


@pytest.mark.parametrize("name", CREDENTIALS.split())
def test_is_credential_knows_the_name(name: str) -> None:
    assert is_credential(name, "a1b2c3")


@pytest.mark.parametrize("name", OTHERS.split())
def test_is_credential_leaves_the_name_alone(name: str) -> None:
    assert not is_credential(name, "a1b2c3")


@pytest.mark.parametrize(
    ("name", "value", "is_one"),
    [
        ("MAX_TOKENS", "512", False),
        ("SORT_KEY", "2", False),
        ("HF_TOKEN", "hf_512", True),
        ("DB_PASSWORD", "1234", True),
        ("HF_TOKEN", "", False),
        ("REDIS", "redis://user:secret@host:1", True),
        ("REDIS", "redis://:secret@host:1", True),
        ("HTTP_PROXY", "http://proxy:3128", False),
        ("WHERE", "https://host/a:b@c", False),
    ],
)
def test_is_credential_reads_the_value(name: str, value: str, is_one: bool) -> None:
    assert is_credential(name, value) is is_one


def test_credentials_in_leaves_out_those_that_are_wanted() -> None:
    environment = {"HF_TOKEN": "a", "B_TOKEN": "b", "A_KEY": "c", "HOME": "/home/a"}
    assert credentials_in(environment, ["HF_TOKEN"]) == ["A_KEY", "B_TOKEN"]
