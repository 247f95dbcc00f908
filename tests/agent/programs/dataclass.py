try:
    import dataclasses
except ImportError:
    print("none"); raise SystemExit
@dataclasses.dataclass(order=True)
class Item:
    name: str
    price: float = 1.0
print(Item("a"), Item("a") < Item("b"), dataclasses.asdict(Item("c", 2)))
import typing, enum
class Color(enum.Enum): RED = 1
print(Color.RED, typing.get_type_hints(Item))
