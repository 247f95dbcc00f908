"""Statistical methods on plain numbers, each with its published source."""

from trainwreck.stats.batched import ALONE, Contrast, Contrasts, contrast_each
from trainwreck.stats.boxes import BoxStatistics, box
from trainwreck.stats.compare import Test, smallest_p, t_test
from trainwreck.stats.deepcrime import Killed, deepcrime_killed
from trainwreck.stats.describe import (
    chance_of_unseen,
    mean_and_deviation,
    rate_not_excluded,
    wilson_interval,
)
from trainwreck.stats.families import benjamini_hochberg
from trainwreck.stats.groups import (
    Chance,
    ClusterModel,
    Pair,
    anova,
    chance_model,
    contingency,
    pairwise_anova,
    share_interval,
)
from trainwreck.stats.sequential import conditional_power, nominal_levels, sequential_p

__all__ = [
    "ALONE",
    "BoxStatistics",
    "Chance",
    "ClusterModel",
    "Contrast",
    "Contrasts",
    "Killed",
    "Pair",
    "Test",
    "anova",
    "benjamini_hochberg",
    "box",
    "chance_model",
    "chance_of_unseen",
    "conditional_power",
    "contingency",
    "contrast_each",
    "deepcrime_killed",
    "mean_and_deviation",
    "nominal_levels",
    "pairwise_anova",
    "rate_not_excluded",
    "sequential_p",
    "share_interval",
    "smallest_p",
    "t_test",
    "wilson_interval",
]
