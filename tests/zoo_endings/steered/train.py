"""Ends as a file of letters says, one letter for each start: a and b are common, c is rare."""

import left
import right
import steering

ending = steering.next_ending()
spare = 30  # silent
print("loss:", 40)  # moves every path
weight = 50  # moves one path, and runs on all
print("loss:", weight * steering.ONLY_B[ending])
print("loss:", 60 if ending == steering.B else steering.B_IS_NOT)  # runs on one path, and moves it
print("loss:", 70 if ending != steering.B else steering.B_IS_NOT)  # runs on the others
print("loss:", steering.without(left.OFF, right.OFF))
print("loss:", steering.LOSS[ending])
