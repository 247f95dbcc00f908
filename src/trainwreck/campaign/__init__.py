"""The main loop: the only place where all floors meet."""

from trainwreck.campaign.baseline import Baseline, run_baseline
from trainwreck.campaign.desk import Desk, open_desk
from trainwreck.campaign.listing import list_files
from trainwreck.campaign.loop import Progress
from trainwreck.campaign.planning import make_plan
from trainwreck.campaign.preparing import has_environment, obstacles, requirements_of
from trainwreck.campaign.replaying import replay
from trainwreck.campaign.running import run_campaign
from trainwreck.campaign.views import Status, Story, read_status, report_tables, tell_story

__all__ = [
    "Baseline",
    "Desk",
    "Progress",
    "Status",
    "Story",
    "has_environment",
    "list_files",
    "make_plan",
    "obstacles",
    "open_desk",
    "read_status",
    "replay",
    "report_tables",
    "requirements_of",
    "run_baseline",
    "run_campaign",
    "tell_story",
]
