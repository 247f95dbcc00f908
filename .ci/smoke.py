"""The main job on a handful of mutants of a real study, with what must hold afterwards."""

import hashlib
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from trainwreck.model import Symptom, TrialKind
from trainwreck.store import CampaignFile

MUTANTS = 6


def trainwreck(campaign: str, *words: str) -> str:
    """Run a command; its progress goes to this process's standard error."""
    command = [sys.executable, "-m", "trainwreck", "--campaign", campaign, *words]
    return subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout


def hash_of_tree(folder: Path) -> str:
    """Hash of every name, size and byte of Python code, bytecode included, below a folder."""
    whole = hashlib.sha256()
    for path in sorted(folder.rglob("*")):
        if path.is_file():
            whole.update(f"{path.relative_to(folder)} {path.stat().st_size}".encode())
            if path.suffix in (".py", ".pyc"):
                whole.update(path.read_bytes())
    return whole.hexdigest()


def main(study: str) -> None:
    """Baseline first, so that the environment is there to be hashed; then the mutants."""
    with tempfile.TemporaryDirectory() as campaign:
        trainwreck(campaign, "study", study, "--mutants", "1")
        with CampaignFile.open(Path(campaign)) as file:
            libraries = {Path(base) for root, base in file.meta("bases").items() if root != "app"}
        before = {base: hash_of_tree(base) for base in libraries}
        print(trainwreck(campaign, "study", study, "--mutants", str(MUTANTS)))
        assert before == {base: hash_of_tree(base) for base in libraries}, "a library has changed"
        status = json.loads(trainwreck(campaign, "status", "--json"))
        assert status["done"] == sum(status["symptoms"].values()) == MUTANTS, status
        with CampaignFile.open(Path(campaign)) as file:
            clean = [outcome for _, _, outcome in file.outcomes(TrialKind.CLEAN)]
            mutants = [outcome for _, _, outcome in file.outcomes(TrialKind.MUTANT)]
        assert all(outcome.parameters for outcome in clean), "no model was found for the digest"
        assert all(len(outcome.phases) == 3 for outcome in clean), "phases are missing"
        assert any(outcome.hits for outcome in mutants), "no bug was evaluated"
        assert set(status["symptoms"]) <= set(Symptom), status
    print(f"{study}: {MUTANTS} mutants ran, and every library is as it was")


if __name__ == "__main__":
    main(*sys.argv[1:])
