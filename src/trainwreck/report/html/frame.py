"""The frame of a page: its head with the rules of a browser, its navigation, its end."""

import base64
import hashlib
from collections.abc import Mapping, Sequence
from importlib.resources import files

from trainwreck import __version__
from trainwreck.report.html.markup import Markup, joined, tag

STATIC = files("trainwreck.report.html") / "static"
SCRIPTS = ("data", "elements", "filters", "list", "curves", "bug", "source", "stryker", "views")
"""The parts of the page's own script, in their order."""

STRYKER = "/stryker"
"""The address of the view in Stryker's viewer, which only smaller campaigns have."""

VIEWS: Mapping[str, str] = {
    "/": "Overview",
    "/silent": "Silent bugs",
    "/hurt": "Bugs that hurt",
    "/bugs": "All bugs",
    "/source": "Source",
    "/functions": "Functions",
    "/tables": "Tables",
    STRYKER: "Stryker view",
    "/about": "About",
}

DESCRIPTION = "Planted bugs, and which of them would go unnoticed"


def static_text(name: str) -> str:
    """Return the text of a file that belongs to every page."""
    return (STATIC / name).read_text(encoding="utf-8")


def page_scripts() -> tuple[str, str]:
    """Return the scripts of a page: the one that draws curves, and its own."""
    own = "\n".join(static_text(f"{part}.js") for part in SCRIPTS)
    return static_text("uplot.js"), f'(() => {{\n"use strict";\n{own}}})();'


def viewer_scripts() -> dict[str, str]:
    """Return the scripts of the frame with Stryker's viewer, by the element that holds each."""
    return {
        "viewer": static_text("stryker-viewer.js"),
        "viewer-frame": static_text("stryker-frame.js"),
    }


def head(name: str, scripts: Sequence[str]) -> Markup:
    """Return the head; only these scripts may act, and nothing may be loaded."""
    hashes = " ".join(f"'sha256-{_hash(script)}'" for script in scripts) or "'none'"
    policy = (
        f"default-src 'none'; script-src {hashes}; style-src 'unsafe-inline'; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    style = Markup(static_text("uplot.css") + static_text("page.css"))
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=policy),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="referrer", content="no-referrer"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="generator", content=f"trainwreck {__version__}"),
        tag("meta", name="description", content=DESCRIPTION),
        tag("title", f"{name} - trainwreck"),
        tag("style", style),
    )


def _hash(script: str) -> str:
    return base64.b64encode(hashlib.sha256(script.encode("utf-8")).digest()).decode("ascii")


def header(name: str, facts: str, views: Mapping[str, str] = VIEWS) -> Markup:
    """Return the title of a page and its navigation, if it has views."""
    links = [tag("li", tag("a", title, href=f"#{address}")) for address, title in views.items()]
    return joined(
        tag("a", "Skip to the content", href="#content", class_="skip"),
        tag(
            "header",
            tag(
                "div",
                tag("p", "trainwreck", class_="wordmark"),
                tag("h1", name),
                tag("p", facts, class_="facts"),
                class_="title",
            ),
            tag("nav", tag("ul", *links), aria_label="Views") if links else None,
        ),
    )


def needs_script(address: str, title: str, command: str) -> Markup:
    """Return a view that the script fills; without it, a command prints the same."""
    return tag(
        "section",
        tag("h2", title),
        tag(
            "p",
            "This view needs JavaScript, which is switched off here. Where the campaign is, ",
            tag("code", command),
            " prints the same.",
            class_="note",
        ),
        id=address,
        class_="view scripted",
    )


def about(with_viewer: bool) -> Markup:
    """Return what the page is made of, and the licences of its parts."""
    marks = (
        ("Unnoticed", "Each compared part of the result is that of a clean run."),
        ("Hurts", "No error, and a metric or the time is shown to be worse."),
        ("May hurt", "No error, and another result; whether it is worse is not shown."),
        ("Share and interval", "The share of drawn bugs, with the ends of its interval."),
    )
    return tag(
        "section",
        tag("h2", "About this page"),
        tag(
            "p",
            f"trainwreck {__version__} planted small bugs in a program and in its libraries, "
            "trained every buggy version, and made this page of the results. It loads nothing, "
            "and it sends nothing.",
            class_="lead",
        ),
        tag("dl", *(joined(tag("dt", word), tag("dd", meaning)) for word, meaning in marks)),
        tag("h3", "Licences"),
        tag("p", "The script and the style of this page are part of trainwreck (MIT licence)."),
        tag("p", "The curves are drawn by uPlot 1.6.32 (MIT licence):"),
        _licence("uplot-licence.txt", "uPlot"),
        *(_viewer_licence() if with_viewer else ()),
        id="/about",
        class_="view",
    )


def _viewer_licence() -> tuple[Markup, Markup]:
    text = "The Stryker view is drawn by mutation-testing-elements 3.9.0 (Apache License 2.0):"
    return tag("p", text), _licence("stryker-viewer-licence.txt", "mutation-testing-elements")


def _licence(name: str, part: str) -> Markup:
    return tag("pre", static_text(name), tabindex="0", aria_label=f"Licence of {part}")
