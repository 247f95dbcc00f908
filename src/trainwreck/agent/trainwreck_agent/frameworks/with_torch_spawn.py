"""PyTorch's child processes: the exception behind the exit status 1 is the failure."""

import functools

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from trainwreck_agent.guest import Guest


def after_import(module: "Any", guest: "Guest") -> None:
    """Record what ``_wrap`` catches, writes into a file for the parent, and exits for."""
    wrap = module._wrap

    @functools.wraps(wrap)
    def wrap_and_note(*args: "Any", **kwargs: "Any") -> "Any":
        try:
            return wrap(*args, **kwargs)
        except SystemExit as error:
            cause = error.__context__
            if cause is not None and not guest.failed:
                guest.fail(type(cause), cause, cause.__traceback__)
            raise

    module._wrap = wrap_and_note
