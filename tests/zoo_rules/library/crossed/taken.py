"""One of two bugs that hide each other, in two files.

What runs together is assumed, and an audit finds it.
"""

TAKEN = 6  # fate: NVR masked together; exact: propagated run
