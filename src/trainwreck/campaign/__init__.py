"""The main loop: the only place where all floors meet."""

from trainwreck.campaign.auditing import audit, check_audits, read_audits, table_audit
from trainwreck.campaign.baseline import Baseline, run_baseline
from trainwreck.campaign.checking import Check, check_subject
from trainwreck.campaign.desk import Desk, open_desk
from trainwreck.campaign.exchanging import export_campaign, import_campaign
from trainwreck.campaign.judging import judge_all
from trainwreck.campaign.listing import list_files
from trainwreck.campaign.loop import Progress
from trainwreck.campaign.planning import make_plan
from trainwreck.campaign.preparing import has_environment, obstacles, requirements_of
from trainwreck.campaign.replaying import replay
from trainwreck.campaign.reporting import read_studies, report_tables
from trainwreck.campaign.running import run_campaign
from trainwreck.campaign.views import Status, Story, read_status, tell_story

__all__ = [
    "Baseline",
    "Check",
    "Desk",
    "Progress",
    "Status",
    "Story",
    "audit",
    "check_audits",
    "check_subject",
    "export_campaign",
    "has_environment",
    "import_campaign",
    "judge_all",
    "list_files",
    "make_plan",
    "obstacles",
    "open_desk",
    "read_audits",
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
