"""Placeholders in ``command`` and ``env``: what is one, what is text, and what each becomes."""

import pytest

from trainwreck.model.placeholders import fill, names_in

VALUES = {"seed": "7", "fold": "2"}


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{seed}", "7"),
        ("--seed={seed},{fold}", "--seed=7,2"),
        ("{{seed}}", "{seed}"),
        ("{{{seed}}}", "{{seed}}"),
        ('{"lr": 0.1, "seed": {seed}}', '{"lr": 0.1, "seed": 7}'),
        ('{"a":{"seed":{seed}}}', '{"a":{"seed":7}}'),
        ("{{ seed }}", "{{ seed }}"),
        ("${seed}", "${seed}"),
        ("weights.{epoch:02d}-{{loss}}", "weights.{epoch:02d}-{loss}"),
        ("{}", "{}"),
        ("{a,b}", "{a,b}"),
        ("{0}", "{0}"),
        ("{cache}", "{cache}"),
    ],
)
def test_placeholders_are_filled_and_other_braces_are_text(text: str, filled: str) -> None:
    assert fill(text, VALUES) == filled


def test_names_in_finds_unknown_placeholders_and_leaves_text_alone() -> None:
    texts = ["{seed} {sed}", '{"lr": 1}', "{{epoch}}", "${home}", "{epoch:d}", "{Cache}"]
    assert names_in(texts) == ["seed", "sed", "Cache"]
