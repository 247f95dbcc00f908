"""One trial to one outcome, in a child process; the only floor that starts processes."""

from trainwreck.run.environment import (
    environment_folder,
    is_complete,
    make_environment,
    missing_programs,
    required_packages,
)
from trainwreck.run.events import Probed
from trainwreck.run.fetch import fetch_data
from trainwreck.run.interpreter import (
    Interpreter,
    check_compiles,
    count_statements,
    same_code,
    survey,
)
from trainwreck.run.limits import Limits
from trainwreck.run.orders import NO_ORDERS, Horizon, Orders
from trainwreck.run.pythons import check_range, check_version, find_python, is_environment
from trainwreck.run.trial import Finished, clear_leftovers, run_trial
from trainwreck.run.workbench import Workbench

__all__ = [
    "NO_ORDERS",
    "Finished",
    "Horizon",
    "Interpreter",
    "Limits",
    "Orders",
    "Probed",
    "Workbench",
    "check_compiles",
    "check_range",
    "check_version",
    "clear_leftovers",
    "count_statements",
    "environment_folder",
    "fetch_data",
    "find_python",
    "is_complete",
    "is_environment",
    "make_environment",
    "missing_programs",
    "required_packages",
    "run_trial",
    "same_code",
    "survey",
]
