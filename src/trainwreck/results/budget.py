"""The sample of a campaign with a budget: the mutants at the head of the plan that it paid for.

The sample ends with the first mutant, in the order of the plan, at which the processor time of all
together exceeds the budget. Such a sample holds too few costly mutants at its end, as each of them
is likely to be the one that exceeds it. Weights correct this exactly (Murthy, Sankhya 18, 1957).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from trainwreck.model import Judged, Mutant, MutantCost, Stratum

BUDGET = "budget"
"""Key for the processor seconds that mutants may take, and those of a control for each of them."""

Kind = tuple[str, Stratum]
"""A root and a stratum, within which the order of the plan is random."""


def kind_of(mutant: Mutant) -> Kind:
    """Return the root and the stratum of a mutant."""
    return mutant.root, mutant.stratum


@dataclass(frozen=True, slots=True)
class Budget:
    """The processor ``seconds`` for mutants, each with its part of the ``controls``."""

    seconds: float
    controls: float = 0.0

    def cost_of(self, cost: MutantCost | None) -> float:
        """Return what one mutant takes of the budget; one that needs no run takes its control."""
        return self.controls + (cost.first + cost.further if cost else 0.0)


@dataclass
class Spending:
    """The mutants of the plan that a budget pays for, taken one by one in the order of the plan.

    ``spent`` is what all mutants taken so far cost, in processor seconds.
    """

    budget: Budget
    costs: Mapping[str, MutantCost]
    spent: float = 0.0
    _own: dict[Kind, list[float]] = field(default_factory=dict, init=False)

    @property
    def is_exceeded(self) -> bool:
        """Return whether the sample is complete."""
        return self.spent > self.budget.seconds

    def takes(self, mutant: Mutant) -> bool:
        """Return whether the next mutant belongs to the sample, after paying for it.

        The one that exceeds the budget does, unless it alone could have been the last of its kind.
        """
        if self.is_exceeded:
            return False
        cost = self.budget.cost_of(self.costs.get(mutant.id))
        self.spent += cost
        own = self._own.setdefault(kind_of(mutant), [])
        own.append(cost)
        exceeds = self.spent > self.budget.seconds
        return not exceeds or len(own) == 1 or self._could_be_last(own) > 1

    def _could_be_last(self, costs: Sequence[float]) -> int:
        return sum(self.spent - cost <= self.budget.seconds for cost in costs)


def paid(
    judged: Sequence[Judged], budget: Budget | None, costs: Mapping[str, MutantCost]
) -> list[Judged]:
    """Return the mutants of a sample with weights that make up for where it ended.

    Within the kind of the last mutant all orders are equally likely that end there: those with a
    last mutant without which the budget would not have been exceeded. So of n mutants, where l
    could be the last, each has the weight n / (n - 1), and those l have 1 - 1 / l of it. This is
    the estimator of the first mutant, averaged over all these orders (Rao and Blackwell).

    Args:
        judged: The sample, in the order of the plan; each mutant has its weight so far.
        budget: What it could take; None where it ended otherwise.
        costs: What each mutant cost.

    """
    if budget is None or not judged:
        return list(judged)
    own = {item.mutant.id: budget.cost_of(costs.get(item.mutant.id)) for item in judged}
    spent = sum(own.values())
    if spent <= budget.seconds:
        return list(judged)
    kind = kind_of(judged[-1].mutant)
    members = [item.mutant.id for item in judged if kind_of(item.mutant) == kind]
    last = {mutant for mutant in members if spent - own[mutant] <= budget.seconds}
    if len(members) == 1 or len(last) == len(members):
        return list(judged)
    usual = len(members) / (len(members) - 1)
    factors = dict.fromkeys(members, usual) | dict.fromkeys(last, usual * (1 - 1 / len(last)))
    return [replace(item, weight=item.weight * factors.get(item.mutant.id, 1.0)) for item in judged]
