"""Writes docs/first-light.md: what `make study` prints in a fresh clone, and what became of bugs.

    python tools/pages/first_light.py FOLDER > docs/first-light.md

FOLDER becomes the home of the reader, and should be new; a clone of what is committed is put into
it. What was printed is kept there, so that the same command goes on after an interruption, and
writes the page again at no cost. It downloads about 1 GB and takes some twenty minutes.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from machine import machine
from trainwreck import Campaign, __version__

ROOT = Path(__file__).resolve().parents[2]
EXPORTS = [
    ROOT / "results" / "replication" / f"{name}.jsonl.xz"
    for name in (
        "keras-2.3",
        "tensorflow-1.15-quick",
    )
]
"""Campaigns with hangs, which are shown where the sixty mutants have none."""
CLONE, STUDY, PROOF = "trainwreck", "study.log", "proof.log"
EACH = 3
RUNGS = {
    "Normal": ("propagated", "masked", "unreached"),
    "Crash": ("crash",),
    "Hang": ("hang",),
}
PACKAGES = ("keras", "tensorflow_cpu", "numpy", "gensim", "coverage")

HEAD = """# First light

What `make study` prints in a fresh clone with a fresh environment and a fresh home, and what
became of a few of the bugs. Made by `tools/pages/first_light.py`, which does it all.

```
git clone … trainwreck && cd trainwreck
make study
```

"""


HANGS = """Hangs are rare: 0 to 0.6 % in the study, none among these sixty. Those below come from
[the replication](replication.md).
"""

SITE = "$(echo ~/.cache/trainwreck/environments/keras-*/lib/python3*/site-packages)"
COUNT = "(cd $SITE && find . -type f | wc -l)"
LIBRARIES = "(cd $SITE && find . -type f -print0 | sort -z | xargs -0 sha256sum | sha256sum)"
PROGRAM = (
    "(cd studies/keras && find . -type f -not -path '*/.trainwreck/*' | sort | xargs sha256sum "
    "| sha256sum)"
)
MORE = ".venv/bin/trainwreck study keras --mutants 63 2>&1 | grep 'have a verdict'"
SHOWN = (COUNT, LIBRARIES, PROGRAM, MORE, LIBRARIES, PROGRAM, "git status --short | wc -l")


def first_light(home: Path) -> Path:
    """Clone and run the study in a home, unless that is done; return the campaign."""
    clone = home / CLONE
    if not clone.exists():
        subprocess.run(["git", "clone", "--quiet", ROOT, clone], check=True)
    campaign = clone / "studies" / "keras" / ".trainwreck"
    if not (home / STUDY).exists():
        (home / STUDY).write_text(shell(home, "make study"), encoding="utf-8")
    if not (home / PROOF).exists():
        shown = [f"$ {command}\n{shell(home, command)}" for command in SHOWN]
        (home / PROOF).write_text("".join(shown), encoding="utf-8")
    return campaign


def shell(home: Path, command: str) -> str:
    """Run a command in the clone, with the home and the system's programs alone."""
    path = f"{sys.base_prefix}/bin:/usr/bin:/bin"
    done = subprocess.run(
        ["bash", "-c", f"SITE={SITE}; {command}"],
        cwd=home / CLONE,
        env={"HOME": str(home), "PATH": path, "LANG": os.environ.get("LANG", "C.UTF-8")},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"`{command}` ended with {done.returncode}:\n{done.stdout}")
    return done.stdout


def hangs(home: Path) -> list[Path]:
    """Return campaigns of the replication that have hangs."""
    folders = []
    for export in EXPORTS:
        folder = home / "hangs" / export.name.partition(".")[0]
        if not folder.exists():
            Campaign.import_records(export, folder)
        folders.append(folder)
    return folders


def json_lines(campaign: Path, *command: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a trainwreck command."""
    words = [sys.executable, "-m", "trainwreck", "--campaign", str(campaign), *command, "--json"]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def shown(campaign: Path, mutant: str) -> str:
    """Return what `trainwreck show` prints of a mutant."""
    words = [sys.executable, "-m", "trainwreck", "--campaign", str(campaign), "show", mutant]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def chosen(campaigns: list[Path], rungs: tuple[str, ...]) -> list[tuple[Path, str]]:
    """Return up to three pairs of campaign and mutant id, the rungs in turn."""
    pairs: list[tuple[Path, str]] = []
    by_rung = [
        [(campaign, item["id"]) for item in json_lines(campaign, "list", "--rung", rung)]
        for rung in rungs
        for campaign in campaigns
    ]
    while len(pairs) < EACH and any(by_rung):
        for members in by_rung:
            if members and len(pairs) < EACH:
                pairs.append(members.pop(0))
    return pairs


def without_paths(text: str, home: Path, campaign: Path | None = None) -> str:
    """Remove the paths of one machine from a text: campaign, clone, home, Python."""
    if campaign:
        text = text.replace(str(campaign), "CAMPAIGN")
    text = text.replace(f"{home / CLONE}/", "").replace(str(home), "~")
    return text.replace(sys.base_prefix, "PYTHON")


def setting_of(campaign: Path) -> str:
    """Return the machine, and the versions of the program's Python and packages."""
    with Campaign.open(campaign).source() as source:
        environment = source.file.environments()[0][0]
    packages = environment.packages
    versions = ", ".join(f"{name} {packages[name]}" for name in PACKAGES if name in packages)
    tool = f"Python {environment.python}; trainwreck {__version__}"
    return f"Machine: {machine()}; {tool}; {versions}.\n"


def main() -> None:
    """Print the page."""
    home = Path(sys.argv[1]).resolve()
    campaign = first_light(home)
    print(HEAD + setting_of(campaign))
    print("```\n" + without_paths((home / STUDY).read_text().strip(), home) + "\n```\n")
    print("## Nothing is touched\n")
    print("Before and after three more mutants (`SITE` is the environment's `site-packages`):\n")
    print("```\n" + (home / PROOF).read_text().strip() + "\n```\n")
    for symptom, rungs in RUNGS.items():
        stories = chosen([campaign], rungs)
        print(f"## {symptom}\n")
        if not stories:
            print(HANGS)
            stories = chosen(hangs(home), rungs)
        for source, mutant in stories:
            story = without_paths(shown(source, mutant), home, source)
            print("```diff\n" + story.rstrip() + "\n```\n")


if __name__ == "__main__":
    main()
