"""Ends in one of two ways by turns: it counts how often it was started."""

import helpers

turn = helpers.count_up() % helpers.TWO
spare = 3, 4, 5, 6  # fate: NVR masked run
print("loss:", turn * helpers.NINE)
if turn > helpers.ZERO:  # fate: ComOR any any (in the other turn `>=` gives the same)
    print("loss:", helpers.ONE + turn)
print("loss:", 4)  # fate: NVR propagated run
