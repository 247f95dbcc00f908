"""Prints what constants of a library lead to."""

import broken_tables

for number in range(3):
    print("result:", broken_tables.answer(number))
