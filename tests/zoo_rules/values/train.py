"""Prints what the expressions give, each beside the time of day, which is no part of the result."""

import time

import probed

for result in probed.results():
    print("result: %r at %r" % (int(result) if type(result) is bool else result, time.time()))
