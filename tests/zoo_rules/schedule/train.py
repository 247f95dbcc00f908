"""A training whose own code does something else in later epochs; nine epochs.

Each expression is evaluated once an epoch, and no bug shows at the first report.
"""

import helpers
import numpy
from theano.compile.sharedvalue import SharedVariable

weight = SharedVariable(numpy.ndarray([3.0]))  # fate: NVR propagated run
DECAY, FREEZE = helpers.THREE, helpers.FOUR


def rate(epoch):
    return helpers.ONE if epoch >= DECAY else helpers.TWO  # fate: ComOR propagated run


def smoothing(epoch):
    return helpers.ZERO if epoch < FREEZE else helpers.HALF  # fate: ComOR propagated run


def is_late(epoch):
    after = 2  # fate: NVR propagated run
    return epoch > after  # fate: ComOR propagated run


class Bag:
    def __init__(self):
        self.seen = helpers.ZERO

    def bonus(self):
        self.seen += helpers.ONE
        is_fifth = self.seen == 5  # fate: NVR propagated run, ComOR propagated run
        return helpers.NINE if is_fifth else helpers.ZERO


def clipped(step):
    most = 90  # fate: NVR masked together/run; exact: masked run
    return min(step, most)


def spend():
    row11 = 11  # fate: NVR masked together/run; exact: masked run
    row12 = 12  # fate: NVR masked together/run; exact: masked run
    row13 = 13  # fate: NVR masked together/run; exact: masked run
    row14 = 14  # fate: NVR masked together/run; exact: masked run
    row15 = 15  # fate: NVR masked together/run; exact: masked run
    row16 = 16  # fate: NVR masked together/run; exact: masked run
    row17 = 17  # fate: NVR masked together/run; exact: masked run
    row18 = 18  # fate: NVR masked together/run; exact: masked run
    return row11, row12, row13, row14, row15, row16, row17, row18


bag = Bag()
for epoch in range(helpers.NINE):
    spend()
    step = rate(epoch) + smoothing(epoch) + bag.bonus()
    helpers.add(weight, clipped(step) + (helpers.ONE if is_late(epoch) else helpers.ZERO))
    print("loss:", weight.get_value().values[0])  # fate: NVR crash run
