"""Numbers in, numbers out."""

from trainwreck.stats.boxes import BoxStatistics, box
from trainwreck.stats.compare import (
    Test,
    bootstrap_interval,
    equivalence,
    fisher,
    mann_whitney,
    smallest_p,
    t_test,
    vargha_delaney,
)
from trainwreck.stats.deepcrime import Killed, deepcrime_killed
from trainwreck.stats.describe import chance_of_unseen, mean_and_deviation, wilson_interval
from trainwreck.stats.families import benjamini_hochberg
from trainwreck.stats.groups import (
    ClusterModel,
    Pair,
    anova,
    contingency,
    crash_model,
    kruskal,
    pairwise_anova,
)
from trainwreck.stats.many import Contrast, contrast_each

__all__ = [
    "BoxStatistics",
    "ClusterModel",
    "Contrast",
    "Killed",
    "Pair",
    "Test",
    "anova",
    "benjamini_hochberg",
    "bootstrap_interval",
    "box",
    "chance_of_unseen",
    "contingency",
    "contrast_each",
    "crash_model",
    "deepcrime_killed",
    "equivalence",
    "fisher",
    "kruskal",
    "mann_whitney",
    "mean_and_deviation",
    "pairwise_anova",
    "smallest_p",
    "t_test",
    "vargha_delaney",
    "wilson_interval",
]
