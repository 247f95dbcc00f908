"""TensorFlow: seeds the operations that neither have a seed nor get one from their graph."""

import functools
import weakref

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest

LARGEST = 2**31 - 1


def after_import(module: "Any", guest: "Guest") -> None:
    """Answer `get_seed`, which all operations ask, where TensorFlow itself has no answer.

    No seed is set: a program that sets its own gets the numbers that it gets without the agent.
    """
    get_seed = module.get_seed
    own = _OwnSeeds(guest)

    @functools.wraps(get_seed)
    def get_seed_or_own(op_seed: "Any") -> "Any":
        seeds = get_seed(op_seed)
        if tuple(seeds) != (None, None):
            return seeds
        try:
            is_eager = module.context.executing_eagerly()
            return own.eager() if is_eager else own.of(module.ops.get_default_graph())
        except Exception as error:
            guest.trouble("seeding an operation", error)
            return seeds

    module.get_seed = get_seed_or_own
    if guest.sources is not None:
        for name in ("set_seed", "set_random_seed"):
            guest.sources.watch(module, name, "tensorflow." + name, "seed")


class _OwnSeeds:
    """A seed for each graph, so that models in several graphs start differently."""

    def __init__(self, guest: "Guest") -> None:
        self._entropy = guest.entropy
        self._first = [guest.entropy.global_seed() % LARGEST]
        self._eager = self._first[0]
        # By graph: its seed, and the number of its operations that got one.
        self._graphs: "weakref.WeakKeyDictionary[Any, list[int]]" = weakref.WeakKeyDictionary()

    def eager(self) -> "tuple[int, int]":
        """Return the seeds for an operation that runs at once; no two have the same."""
        return _pair(self._eager, self._entropy.bits("tensorflow operation", 31))

    def of(self, graph: "Any") -> "tuple[int, int]":
        """Return the seeds for the next operation of a graph."""
        entry = self._graphs.get(graph)
        if entry is None:
            seed = self._first.pop() if self._first else self._entropy.bits("tensorflow graph", 31)
            entry = self._graphs[graph] = [seed, 0]
        entry[1] += 1
        return _pair(entry[0], entry[1])


def _pair(first: int, second: int) -> "tuple[int, int]":
    """Return two seeds of TensorFlow's range; it would take two zeros for none."""
    return first % LARGEST, second % LARGEST or LARGEST
