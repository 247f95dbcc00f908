"""Code that runs outside of functions, whose mutants may run together."""

from trainwreck.mutants.listing import list_mutants
from trainwreck.mutants.together import outside_functions
from trainwreck.source import decode

TEXT = b"""
SIZE = 1
@registered(2)
def f(a=3, *, b=(4, lambda: 50)) -> 6:
    return 70
class A(make(8)):
    HEIGHT = 9
    key = lambda self: 100
    async def g(self, a=11):
        class Inner:
            SIZE = 120
        return 130
    class Inner:
        SIZE = [14 for _ in (15,)]
"""


def test_outside_functions_are_modules_bodies_of_classes_and_defaults() -> None:
    source, version = decode(TEXT), (3, 12)
    mutants = list_mutants(source, "library", "tables.py", "tables", version).mutants
    outside = outside_functions(source, mutants, version)
    numbers = {m.edits[0].original: m.id in outside for m in mutants if m.operator == "NVR"}
    assert numbers.pop("6", True)
    assert numbers == {text: len(text) < 3 and text not in ("50", "70") for text in numbers}
    assert set(numbers) > {"1", "3", "4", "9", "11", "14"}
