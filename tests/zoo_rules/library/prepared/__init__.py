"""What a training prepares before it begins, and uses much later.

A line's comment tells of all mutants of an operator on it: how far they get, and which rule decides
(or their own run). All but one stand at the first report as a clean run does; which of those that
stay masked are left alone with another one, only their order decides.
"""


def first_row():
    kept = 3  # fate: NVR masked together/run; exact: masked run
    spare = 12, 13  # fate: NVR masked together/run; exact: masked run
    del kept, spare
    return 2  # fate: NVR propagated run


def last_row():
    return 8  # fate: NVR propagated run


def held_out():
    gone = 7  # fate: NVR masked together/run; exact: masked run
    del gone
    return 5  # fate: NVR propagated run


def epochs():
    return 4  # fate: NVR crash run


def boost(epoch):
    """Return what later epochs alone add: a state at the first report would miss the limit."""
    late = epoch >= 2  # fate: NVR propagated run
    return 3 if late else 0  # fate: NVR propagated run


def compiled():
    """Return a function whose inside no state of the training shows."""
    power = 1  # fate: NVR propagated run
    return lambda value: value**power


def limit():
    return 90  # fate: NVR masked together/run; exact: masked run


def table():
    sizes = {"a": 21, "b": 22, "c": 23}  # fate: NVR masked together/run; exact: masked run
    shapes = (31, 32), (33, 34)  # fate: NVR masked together/run; exact: masked run
    return len(sizes) + len(shapes)
