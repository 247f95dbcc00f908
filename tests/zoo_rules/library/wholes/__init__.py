"""Expressions and conditions around a change, with which a careless look at the whole goes wrong.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule decides
(or their own run).
"""

import operator

import helpers


def conditions():
    two, nine, pair = helpers.TWO, helpers.NINE, (helpers.TWO, helpers.TWO)
    if two > 0:  # fate: NVR masked same-call
        yield two
    if two > 1:  # fate: NVR propagated run
        yield two
    yield nine if len(pair) != 1 else two  # fate: NVR propagated run
    yield nine if len(pair) != 3 else two  # fate: NVR masked same-call
    yield nine if not two > 5 else two  # fate: NVR masked same-call, LogOR propagated run
    yield two in [7, 8]  # fate: NVR masked same-call
    yield two in {2}  # fate: NVR propagated run
    yield pair[0] == two  # fate: NVR masked same-call
    yield pair[1] == two  # fate: NVR crash run


def effects():
    """What a change leaves out, or evaluates in addition, has effects of its own."""
    waiting, two = helpers.Waiting(), helpers.TWO
    yield bool(two > 0 or waiting.next())  # fate: NVR masked same-call, LogOR propagated run
    yield bool(two > 9 and waiting.next())  # fate: NVR masked same-call, LogOR propagated run
    yield bool(two > 1 and waiting.next())  # fate: NVR propagated run, LogOR propagated run
    yield waiting.next() + waiting.next() > 1  # fate: NVR masked same-call
    yield waiting.given


def objects():
    """A choice between equal values is a choice between objects."""
    half, equal, two = helpers.HALF, helpers.EQUAL_HALF, helpers.TWO
    chosen = half if two > 1 else equal  # fate: NVR propagated run
    yield operator.is_(chosen, half)
    chosen = (two > 1 and half) or equal  # fate: NVR propagated run, LogOR propagated run
    yield operator.is_(chosen, half)
    yield type((two > helpers.ONE) * 1 or two) is int  # fate: NVR masked run, LogOR masked run
    yield str(helpers.MINUS_ZERO * 1)  # fate: NVR masked same-call
    yield str(0 * -two + helpers.MINUS_ZERO)  # fate: NVR propagated run
    yield helpers.NAN * 3 == helpers.NAN  # fate: NVR masked same-call


def classes():
    """Truth, items and comparisons of classes are theirs to say, and asking leaves traces."""
    loud, items, two = helpers.Loud(), helpers.Items(), helpers.TWO
    if loud and two > 0:  # fate: NVR masked run, LogOR masked run
        yield loud.asked
    if two > 0 and loud:  # fate: NVR masked same-call, LogOR propagated run
        yield loud.asked
    if items[3] > two:  # fate: NVR masked run
        yield items.asked
    row = [two, two]
    yield row[0] + len(helpers.cleared(row)) > 3  # fate: NVR any run


class Body(metaclass=helpers.Told):
    """Names are read through a namespace that counts."""

    kept = helpers.TWO
    chosen = kept > 0 or kept  # fate: NVR masked same-call, LogOR propagated run
    empty = kept > 9 and kept  # fate: NVR masked same-call, LogOR propagated run
    other = kept < 2 and kept  # fate: NVR propagated run, LogOR propagated run


def failing():
    try:
        yield 1 / (helpers.TWO - 2) > 0  # fate: NVR any run
    except ZeroDivisionError:
        yield helpers.NINE


def results():
    yield from conditions()
    yield from effects()
    yield from objects()
    yield from classes()
    yield from (Body.chosen, Body.empty, Body.other, helpers.Told.asked)
    yield from failing()
