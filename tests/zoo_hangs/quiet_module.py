"""Is imported with a pause, as a library that compiles."""

import time

slow = False  # slow: BVR (at import)
if slow:
    time.sleep(9)
