"""Facts to verdicts; nothing in here is ever stored."""

from trainwreck.judge.causes import Caused, cause_of, raised_of, read_tracebacks
from trainwreck.judge.clean import Certificate, Clean, certify, clean_of
from trainwreck.judge.comparison import LEAST_EQUIVALENT, Decision, ignores_seed, is_legal
from trainwreck.judge.doubts import range_of, table_doubts
from trainwreck.judge.endings import doubts_of, shared_digests, shared_endings, why_of
from trainwreck.judge.impact import Impacted, impacts_of
from trainwreck.judge.rules import (
    Facts,
    may_use_horizon,
    rule_without_run,
)
from trainwreck.judge.verdicts import symptom_of, verdict_of

__all__ = [
    "LEAST_EQUIVALENT",
    "Caused",
    "Certificate",
    "Clean",
    "Decision",
    "Facts",
    "Impacted",
    "cause_of",
    "certify",
    "clean_of",
    "doubts_of",
    "ignores_seed",
    "impacts_of",
    "is_legal",
    "may_use_horizon",
    "raised_of",
    "range_of",
    "read_tracebacks",
    "rule_without_run",
    "shared_digests",
    "shared_endings",
    "symptom_of",
    "table_doubts",
    "verdict_of",
    "why_of",
]
