"""A model with two parameters, of which one shows in what is reported; four epochs."""

import helpers
import numpy
from theano.compile.sharedvalue import SharedVariable

weight = SharedVariable(numpy.ndarray([3.0]))  # fate: NVR propagated run
silent = SharedVariable(numpy.ndarray([4.0]))  # fate: NVR propagated run
gone = 6  # fate: NVR masked run
del gone
late = 5  # fate: NVR propagated run


def step(epoch):
    moved = 7  # fate: NVR masked run
    if epoch > helpers.ONE:  # fate: ComOR propagated run
        helpers.add(weight, helpers.ONE)
    if epoch == helpers.TWO:  # fate: ComOR masked run
        moved = 8  # fate: NVR masked run
    tries = helpers.ZERO
    while tries < helpers.ONE:  # fate: ComOR masked run
        tries = tries.__add__(helpers.ONE)
    helpers.add(weight, 2)  # fate: NVR propagated run
    helpers.add(silent, 9)  # fate: NVR propagated run
    return weight.get_value().values[0], moved  # fate: NVR crash run


for epoch in range(helpers.FOUR):
    loss, _ = step(epoch)
    print("loss:", loss)
    after = 1  # fate: NVR masked run
after = 2  # fate: NVR masked run
helpers.add(silent, late)
