"""The view in Stryker's viewer: what its words mean, and the place of its frame."""

from trainwreck.report.html.frame import STRYKER, VIEWS
from trainwreck.report.html.markup import Markup, tag


def stryker_view(command: str) -> Markup:
    """Return the view without its frame, which the script adds; ``command`` writes the data."""
    return tag(
        "section",
        tag("h2", VIEWS[STRYKER]),
        tag(
            "p",
            "The same bugs in the viewer of Stryker, which tests test suites by mutation. Here the "
            "run of the program is the only test.",
            class_="lead",
        ),
        tag(
            "p",
            "Crash is Killed and hang is Timeout; uninfected, masked and propagated are Survived; "
            "unreached is NoCoverage, no verdict is RuntimeError, and not run yet is Pending. "
            "Scores count the drawn bugs without weights.",
            class_="note",
        ),
        tag(
            "p",
            "This view needs JavaScript, which is switched off here. Where the campaign is, ",
            tag("code", command),
            " writes its data.",
            class_="note needs",
        ),
        id=STRYKER,
        class_="view",
    )
