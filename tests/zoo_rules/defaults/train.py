"""Prints what calls with defaults give."""

import calls

for result in calls.results():
    print("result:", float(result))
