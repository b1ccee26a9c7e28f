"""What chance alone could do: paired comparisons over users, corrections for many of them, analysis of variance."""

from mmgraph.evidence.statistics.anova import Anova, one_way_anova, repeated_anova
from mmgraph.evidence.statistics.correction import CORRECTIONS, benjamini_hochberg, holm
from mmgraph.evidence.statistics.groups import pairwise_p, same_letters
from mmgraph.evidence.statistics.paired import (
    TESTS,
    PairedDifference,
    detectable_difference,
    effect_size,
    paired_difference,
    t_p,
    wilcoxon_p,
)
from mmgraph.evidence.statistics.resampling import LEVEL, RESAMPLES, Bootstrap, bootstrap_mean, sign_flip_p

__all__ = [
    "CORRECTIONS",
    "LEVEL",
    "RESAMPLES",
    "TESTS",
    "Anova",
    "Bootstrap",
    "PairedDifference",
    "benjamini_hochberg",
    "bootstrap_mean",
    "detectable_difference",
    "effect_size",
    "holm",
    "one_way_anova",
    "paired_difference",
    "pairwise_p",
    "repeated_anova",
    "same_letters",
    "sign_flip_p",
    "t_p",
    "wilcoxon_p",
]
