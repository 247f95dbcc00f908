"""Prints what constants of a library lead to, where something reads them."""

import unread

for result in unread.results():
    print("result:", result)
