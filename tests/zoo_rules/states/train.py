"""Three phases: the last one prints what the first one left, and what calls with defaults give."""

import settled

# phase: preprocessing
settled.prepare()

# phase: constructing
results = []

# phase: learning
results.extend(settled.seen())
results.extend(settled.defaults())
for result in results:
    print("result:", float(result))
