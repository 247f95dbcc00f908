"""Expressions with which a careless probe goes wrong. A line's comment tells of all mutants of an
operator on it: how far they get, and which rule decides (or their own run).
"""

import math
import operator

import helpers

from probed import idle, reread

FOLDED = 4 + 0  # fate: ArOR uninfected same-code
FOLDED_TOO = 0.0 - 0.0  # fate: ArOR uninfected same-code
WHOLE = 1 * 1  # fate: ArOR propagated run
BELOW = -0.0  # fate: ArOR propagated run


class Sizes:
    width = helpers.TWO + helpers.ZERO  # fate: ArOR uninfected probe
    height = helpers.TWO + helpers.ONE  # fate: ArOR propagated run


def operands_with_effects():
    """An operand that is evaluated twice takes what the next line waits for."""
    waiting = helpers.Waiting()
    yield waiting.next() < waiting.next()  # fate: ComOR uninfected probe
    yield waiting.next() + helpers.ZERO  # fate: ArOR uninfected probe
    yield int(waiting.next() * helpers.ONE)  # fate: ArOR masked run
    yield helpers.ZERO < waiting.next() < helpers.NINE  # fate: ComOR uninfected probe
    yield helpers.NINE < helpers.ONE < waiting.next()  # fate: ComOR uninfected probe
    yield (
        helpers.ZERO
        < helpers.NO  # fate: ComOR propagated run
        < waiting.next()  # fate: ComOR uninfected probe
    )
    yield waiting.given


def classes_with_operators():
    """What their operators do is theirs to say, and asking them leaves traces."""
    total = helpers.Tally(helpers.ONE) + helpers.Tally(helpers.TWO)  # fate: ArOR masked run
    yield total.told()
    yield helpers.Rank(helpers.ONE) < helpers.Rank(helpers.TWO)  # fate: ComOR propagated run
    yield helpers.Rank.asked
    loud, other = helpers.Loud(), helpers.YES
    if loud and other:  # fate: LogOR masked run
        yield loud.asked


def numbers_at_the_edge():
    yield helpers.NAN < helpers.ONE  # fate: ComOR uninfected probe
    yield math.copysign(helpers.ONE, -helpers.NAN)  # fate: ArOR propagated run
    total = helpers.MINUS_ZERO + helpers.PLUS_ZERO  # fate: ArOR propagated run
    yield math.copysign(helpers.ONE, total)
    yield helpers.PLUS_ZERO + helpers.PLUS_ZERO  # fate: ArOR uninfected probe
    yield helpers.ONE * helpers.ONE  # fate: ArOR propagated run


# fmt: off
def without_blanks():
    one, two, zero = helpers.ONE, helpers.TWO, helpers.ZERO
    yield two%two+one  # fate: ArOR propagated run
    yield two/one+zero  # fate: ArOR any run
    yield one<two+zero  # fate: ArOR uninfected probe, ComOR uninfected probe
    yield zero or-one  # fate: ArOR propagated run, LogOR propagated run
# fmt: on


def operands_that_are_not_evaluated():
    one, two, yes, also = helpers.ONE, helpers.TWO, helpers.YES, helpers.ALSO
    yield bool(helpers.NO and helpers.explode())  # fate: LogOR crash run
    try:
        yield bool(helpers.YES and helpers.explode())  # fate: LogOR propagated run
    except ValueError:
        yield helpers.NINE
    yield helpers.YES and helpers.note()  # fate: LogOR propagated run
    yield len(helpers.notes)
    yield yes and also  # fate: LogOR uninfected probe
    yield helpers.YES and helpers.ALSO  # fate: LogOR masked run
    yield one and two  # fate: LogOR propagated run
    half, equal = helpers.HALF, helpers.EQUAL_HALF
    chosen = half and equal  # fate: LogOR propagated run
    yield operator.is_(chosen, half)
    if one and two:  # fate: LogOR uninfected probe
        yield one
    yield one if yes else one - two  # fate: ArOR unreached probe


def echo(base):
    answer = base + (yield base)  # fate: ArOR uninfected probe
    yield answer


def dropped(base):
    answer = base + (yield base)  # fate: ArOR masked run
    yield answer


def folded(values):
    first, *others = values
    return first + folded(others) if others else first  # fate: ArOR uninfected probe


def best_of(values):
    best = helpers.ZERO
    for value in values:
        if value > best:  # fate: ComOR masked run
            best = value
    return best


def kept(values):
    number = helpers.ZERO
    for value in values:
        if value >= helpers.TWO:  # fate: ComOR propagated run
            number = value.__add__(number)
    return number


def same_in_workers(number):
    return number - helpers.ZERO  # fate: ArOR uninfected probe


def other_in_a_worker(number):
    return int(number < helpers.THREE)  # fate: ComOR propagated run


def in_a_traceback(base):
    total = base + helpers.ZERO  # fate: ArOR uninfected probe
    yield helpers.text_of_caller(total)
    yield helpers.text_of_caller(base - helpers.ZERO)  # fate: ArOR propagated run


def only_while_its_text_is_clean(base):
    plus = helpers.PLUS
    yield base + helpers.ZERO if plus in helpers.line_of_caller() else base  # fate: ArOR none run


def results():
    yield from (FOLDED, FOLDED_TOO, WHOLE, math.copysign(helpers.ONE, BELOW))
    yield from (Sizes.width, Sizes.height)
    yield from operands_with_effects()
    yield from classes_with_operators()
    yield from numbers_at_the_edge()
    yield from without_blanks()
    yield from operands_that_are_not_evaluated()
    yield helpers.drive_in_turns(echo)
    yield helpers.leave_behind(dropped)
    yield folded([helpers.NINE, helpers.ZERO, helpers.ZERO])
    yield best_of([helpers.ONE, helpers.TWO, helpers.TWO])
    yield kept([helpers.ONE, helpers.TWO, helpers.THREE])
    yield helpers.in_workers(same_in_workers, [helpers.ONE, helpers.TWO])
    yield helpers.in_workers(other_in_a_worker, [helpers.TWO, helpers.THREE])
    yield from in_a_traceback(helpers.ONE)
    yield from only_while_its_text_is_clean(helpers.ONE)
    yield idle.guarded(helpers.ZERO)
    yield helpers.run_again(reread, "doubled")(helpers.TWO)
