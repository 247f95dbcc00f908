"""Constants that modules give their names, with which a careless look for readers goes wrong.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule decides
(or their own run).
"""

import readers

from unread import (
    by_path,
    framed,
    listed,
    mirror,
    named,
    patched,
    plain,
    replaced,
    shipped,
    special,
    starred,
    whole,
)
from unread.named import COPIED


def results():
    yield plain.scaled()
    yield plain.found(readers.TWO)
    yield from (COPIED, named.DIRECT, readers.computed(named, "COMP", "UTED"))
    yield readers.total(vars(whole))
    yield starred.total()
    yield listed.given()
    yield mirror.total()
    yield readers.run_by_path(by_path, "RATE")
    yield from readers.with_globals(shipped.rate).values()
    yield from special.results()
    yield patched.given()
    yield replaced.given()
    yield framed.given()
