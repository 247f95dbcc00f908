"""Prints what expressions and conditions give."""

import wholes

for result in wholes.results():
    print("result:", int(result) if type(result) is bool else result)
