"""One trial to one outcome, in a child process; the only floor that starts processes."""

from trainwreck.run.environment import (
    environment_folder,
    is_complete,
    make_environment,
    required_packages,
)
from trainwreck.run.fetch import fetch_data
from trainwreck.run.interpreter import Interpreter, check_compiles, survey
from trainwreck.run.limits import Limits
from trainwreck.run.trial import Finished, clear_leftovers, run_trial
from trainwreck.run.workbench import Workbench

__all__ = [
    "Finished",
    "Interpreter",
    "Limits",
    "Workbench",
    "check_compiles",
    "clear_leftovers",
    "environment_folder",
    "fetch_data",
    "is_complete",
    "make_environment",
    "required_packages",
    "run_trial",
    "survey",
]
