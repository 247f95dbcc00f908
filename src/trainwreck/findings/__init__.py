"""Tables, figures and findings of the paper, computed from verdicts."""

from trainwreck.findings.audits import Audited, table_audit
from trainwreck.findings.boxes import CLEAN, BoxRow, figures
from trainwreck.findings.by_phase import last_phase
from trainwreck.findings.causes import CLASSES, table_causes
from trainwreck.findings.chosen import table_chosen
from trainwreck.findings.compared import table_compared
from trainwreck.findings.doubts import table_doubts
from trainwreck.findings.fates import Fate, fate_of
from trainwreck.findings.findings import table_findings
from trainwreck.findings.for_user import (
    MetricDifferences,
    Portion,
    RankedBug,
    SeedPair,
    Summary,
    differences_of,
    summarize,
)
from trainwreck.findings.heads import operator_heads
from trainwreck.findings.impacts import table_deepcrime, table_impacts, table_verdicts
from trainwreck.findings.judged_campaign import Completeness, JudgedCampaign, table_completeness
from trainwreck.findings.ledger import (
    LEDGER_COLUMNS,
    TOTAL,
    UNKNOWN_RUNG,
    doubtful_of,
    ledger_tables,
    table_distance,
    table_divergence,
    table_effort,
    table_ledger,
    table_rules,
)
from trainwreck.findings.operators import table_two
from trainwreck.findings.phases import has_phases, without_phases
from trainwreck.findings.ranking import Function
from trainwreck.findings.sizes import Sized, reported_settings, table_one, table_three
from trainwreck.findings.symptoms import phases_of, table_five, table_four, table_six
from trainwreck.findings.tables import table_frame, table_strata

__all__ = [
    "CLASSES",
    "CLEAN",
    "LEDGER_COLUMNS",
    "TOTAL",
    "UNKNOWN_RUNG",
    "Audited",
    "BoxRow",
    "Completeness",
    "Fate",
    "Function",
    "JudgedCampaign",
    "MetricDifferences",
    "Portion",
    "RankedBug",
    "SeedPair",
    "Sized",
    "Summary",
    "differences_of",
    "doubtful_of",
    "fate_of",
    "figures",
    "has_phases",
    "last_phase",
    "ledger_tables",
    "operator_heads",
    "phases_of",
    "reported_settings",
    "summarize",
    "table_audit",
    "table_causes",
    "table_chosen",
    "table_compared",
    "table_completeness",
    "table_deepcrime",
    "table_distance",
    "table_divergence",
    "table_doubts",
    "table_effort",
    "table_findings",
    "table_five",
    "table_four",
    "table_frame",
    "table_impacts",
    "table_ledger",
    "table_one",
    "table_rules",
    "table_six",
    "table_strata",
    "table_three",
    "table_two",
    "table_verdicts",
    "without_phases",
]
