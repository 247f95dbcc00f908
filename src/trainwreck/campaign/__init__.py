"""The main loop: the only place where all floors meet."""

from trainwreck.campaign.auditing import audit, check_audits, read_audits, table_audit
from trainwreck.campaign.baseline import Baseline, run_baseline
from trainwreck.campaign.checking import Check, check_subject
from trainwreck.campaign.desk import Desk, check_own, open_desk
from trainwreck.campaign.exchanging import Imported, export_campaign, import_records
from trainwreck.campaign.listing import list_files
from trainwreck.campaign.loop import Progress
from trainwreck.campaign.planning import make_plan
from trainwreck.campaign.preparing import has_environment, obstacles, requirements_of
from trainwreck.campaign.replaying import replay
from trainwreck.campaign.reporting import (
    check_readable,
    planned_mutants,
    read_runs,
    read_studies,
    report_tables,
)
from trainwreck.campaign.running import run_campaign
from trainwreck.campaign.views import Status, Story, read_status, tell_story

__all__ = [
    "Baseline",
    "Check",
    "Desk",
    "Imported",
    "Progress",
    "Status",
    "Story",
    "audit",
    "check_audits",
    "check_own",
    "check_readable",
    "check_subject",
    "export_campaign",
    "has_environment",
    "import_records",
    "list_files",
    "make_plan",
    "obstacles",
    "open_desk",
    "planned_mutants",
    "read_audits",
    "read_runs",
    "read_status",
    "read_studies",
    "replay",
    "report_tables",
    "requirements_of",
    "run_baseline",
    "run_campaign",
    "table_audit",
    "tell_story",
]
