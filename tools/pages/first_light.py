"""Writes docs/first-light.md from a finished campaign of the study and the log of `make study`.

    python tools/pages/first_light.py LOG PROOF CAMPAIGN [HANG_CAMPAIGN] > docs/first-light.md

LOG is what `make study` printed; PROOF is a terminal session that hashes the libraries before and
after mutants ran. HANG_CAMPAIGN is a second campaign from which stories of hangs are taken where
the first has fewer than three. Run it in the clone, with the home, that LOG comes from.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from machine import machine
from trainwreck import Campaign, __version__

EACH = 3
RUNGS = {
    "Normal": ("propagated", "masked", "unreached"),
    "Crash": ("crash",),
    "Hang": ("hang",),
}
PACKAGES = ("keras", "tensorflow_cpu", "numpy", "gensim", "coverage")

HEAD = """# First light

What `make study` prints in a fresh clone with a fresh environment and a fresh home, and what
became of a few of the bugs. Made by `tools/pages/first_light.py` from that run.

The run is older than the rules that settle bugs without a run, the full ledger
([ledger.md](ledger.md)), and Tables I and III, which a report has today ([studies.md](studies.md)).

```
git clone … trainwreck && cd trainwreck
make study
```

"""


HANGS = """Hangs are rare: 0 to 0.6 % in the study, none among these sixty. Those below come from
a second campaign of the same program with its other library as the target
(`targets = ["gensim.models.word2vec"]`, operators AsOR and ComOR, `timeout_factor = 3`).
"""


def json_lines(campaign: str, *command: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a trainwreck command."""
    words = [sys.executable, "-m", "trainwreck", "--campaign", campaign, *command, "--json"]
    ended = subprocess.run(words, capture_output=True, text=True, check=True)
    return [json.loads(line) for line in ended.stdout.splitlines()]


def shown(campaign: str, mutant: str) -> str:
    """Return what `trainwreck show` prints of a mutant."""
    words = [sys.executable, "-m", "trainwreck", "--campaign", campaign, "show", mutant]
    return subprocess.run(words, capture_output=True, text=True, check=True).stdout


def chosen(campaigns: list[str], rungs: tuple[str, ...]) -> list[tuple[str, str]]:
    """Return up to three pairs of campaign and mutant id, the rungs in turn."""
    pairs: list[tuple[str, str]] = []
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


def without_paths(text: str, campaign: str = "") -> str:
    """Remove the paths of one machine from a text: campaign, clone, home, Python."""
    if campaign:
        text = text.replace(str(Path(campaign).resolve()), "CAMPAIGN")
    text = text.replace(f"{Path.cwd()}/", "").replace(str(Path.home()), "~")
    return text.replace(sys.base_prefix, "PYTHON")


def setting_of(campaign: str) -> str:
    """Return the machine, and the versions of the program's Python and packages."""
    with Campaign.open(campaign).source() as source:
        environment = source.file.environments()[0][0]
    packages = environment.packages
    versions = ", ".join(f"{name} {packages[name]}" for name in PACKAGES if name in packages)
    tool = f"Python {environment.python}; trainwreck {__version__}"
    return f"Machine: {machine()}; {tool}; {versions}.\n"


def main(log: str, proof: str, *campaigns: str) -> None:
    """Print the page."""
    print(HEAD + setting_of(campaigns[0]))
    print("```\n" + without_paths(Path(log).read_text().strip()) + "\n```\n")
    print("## Nothing is touched\n")
    print("Before and after three more mutants (`SITE` is the environment's `site-packages`):\n")
    print("```\n" + Path(proof).read_text().strip() + "\n```\n")
    for symptom, rungs in RUNGS.items():
        sources = list(campaigns) if symptom == "Hang" else [campaigns[0]]
        print(f"## {symptom}\n")
        if symptom == "Hang":
            print(HANGS)
        for campaign, mutant in chosen(sources, rungs):
            story = without_paths(shown(campaign, mutant), campaign)
            print("```diff\n" + story.rstrip() + "\n```\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
