"""Prints what constants in two files of a library lead to."""

import crossed

for number in range(3):
    print("result:", crossed.answer(number))
