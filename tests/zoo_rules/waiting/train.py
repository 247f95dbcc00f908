"""A training that takes from a library what it trains with, and what it measures at the end."""

import helpers
import numpy
import prepared
from theano.compile.sharedvalue import SharedVariable

weight = SharedVariable(numpy.ndarray([3.0]))
rows = [prepared.first_row(), 4, 6, prepared.last_row()]
held_out, limit, measure = prepared.held_out(), prepared.limit(), prepared.compiled()
prepared.table()
for epoch in range(prepared.epochs()):
    helpers.add(weight, rows[epoch] / 2 + prepared.boost(epoch))
    print("loss:", weight.get_value().values[0])
print("accuracy:", min(measure(weight.get_value().values[0] + held_out), limit))
