"""Writes docs/tutorial.md: everything that the tutorial shows, done on a program of its own.

    python tools/pages/tutorial.py FOLDER > docs/tutorial.md

FOLDER becomes the home of the reader, with a copy of the program in it. What was printed is kept in
FOLDER/session.json, so that the same command goes on after an interruption, and writes the page
again at no cost.
"""

import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TEXT = Path(__file__).with_name("tutorial.txt")
PROGRAM = ROOT / "examples" / "moons" / "train.py"
FOLDER, SESSION = "moons", "session.json"
KEPT = ("LANG", "LC_")
"""Begins of variables that the reader has, too."""
HURTS = "1a79"
"""The begin of the id of the bug that the tutorial shows; ids follow from the source."""
COMMANDS = {
    "PROGRAM": "python train.py --epochs 4",
    "INIT": "trainwreck init python train.py",
    "LIST": "trainwreck list --function update",
    "RUN": "trainwreck run --mutants 12 --jobs 1",
    "REPORT": "trainwreck report",
    "SHOW": f"trainwreck show {HURTS}",
    "HTML": "trainwreck report --html report.html",
}
"""The command of each slot of the page, in order."""


def session(home: Path) -> dict[str, str]:
    """Return what each command printed; run those that have not run yet."""
    (home / FOLDER).mkdir(parents=True, exist_ok=True)
    shutil.copy2(PROGRAM, home / FOLDER)
    file = home / SESSION
    printed: dict[str, str] = json.loads(file.read_text()) if file.exists() else {}
    for slot, command in COMMANDS.items():
        if slot not in printed:
            printed[slot] = performed(home, command)
            file.write_text(json.dumps(printed, indent=1))
    return printed


def performed(home: Path, command: str) -> str:
    """Run a command where nothing but the installation is ours; return what it prints."""
    kept = {name: value for name, value in os.environ.items() if name.startswith(KEPT)}
    path = f"{Path(sys.executable).parent}:/usr/bin:/bin"
    done = subprocess.run(
        shlex.split(command),
        cwd=home / FOLDER,
        env={**kept, "HOME": str(home), "PATH": path},
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        sys.exit(f"`{command}` ended with {done.returncode}:\n{done.stdout}")
    return done.stdout.replace(str(home), "~").rstrip()


def main() -> None:
    """Print the page."""
    printed = session(Path(sys.argv[1]).resolve())
    shown = {s: f"```text\n$ {COMMANDS[s]}\n{text}\n```" for s, text in printed.items()}
    text = TEXT.read_text(encoding="utf-8")
    print(re.sub(r"\[([A-Z]+)\]", lambda match: shown[match[1]], text), end="")


if __name__ == "__main__":
    main()
