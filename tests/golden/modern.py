type Pair[T: (int, float)] = tuple[T, 2]


class Box[T]:
    size: int = 1


def first[T](items: list[T], at: int = 0) -> T:
    return items[at + 1]


def kind(shape, limit):
    match shape[0], limit > 1:
        case 1, True:
            return 1
        case [2, *rest] | (3 as rest) if rest is not None:
            return 2 if rest else 3
        case {"a": -1, **others}: return 4
        case Box(size=5 | 6):
            match len(shape) * 2:
                case 7:
                    pass
    with (
        open("a", buffering=1) as one,
        open("b", buffering=2) as two,
    ):
        match = case = one and two
    try:
        type = match + 1
    except* (KeyError, OSError if limit < 3 else ValueError) as group:
        raise group.exceptions[0]
    return type
