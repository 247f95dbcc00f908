"""Two phases: the last one prints what is left of the first outside of Python's variables."""

import outside

# phase: preprocessing
outside.leave_behind()

# phase: learning
for result in outside.found():
    print("result:", float(result))
