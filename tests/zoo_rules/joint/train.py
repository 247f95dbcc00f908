"""Prints what constants of a library lead to."""

import tables

for number in range(3):
    print("result:", tables.answer(number))
