"""Installs a wheel by pip, pipx and uv, and tries each: ``python tools/installers.py``.

pipx and uv must be on the path, and a package index reachable. Everything goes into a temporary
folder: the wheel, an environment for each installer, and a small campaign with each.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

ROOT = Path(__file__).resolve().parents[1]
PROGRAM = ROOT / "examples" / "moons" / "train.py"
TRIED = (
    ("--version",),
    ("doctor", "--self"),
    ("study", "--list"),
    ("init", "python", "train.py"),
    ("run", "--mutants", "6"),
    ("report", "--html", "report.html"),
    ("clean",),
)
"""What each installation does, in the folder of a program in plain Python."""
LIMIT = 600
Variables = Mapping[str, str]


def main() -> None:
    """Install and try, in turn; end with an error where something fails."""
    if missing := [name for name in ("pipx", "uv") if shutil.which(name) is None]:
        sys.exit(f"{' and '.join(missing)} cannot be found: pip install pipx uv")
    with TemporaryDirectory() as name:
        folder = Path(name)
        base = {**os.environ, "HOME": name}
        pip = [sys.executable, "-m", "pip"]
        call([*pip, "wheel", "--quiet", "--no-deps", "--wheel-dir", name, str(ROOT)], folder, base)
        wheel = str(next(folder.glob("*.whl")))
        environment = program_environment(folder, base)
        for installer, programs in installed(folder, wheel, base).items():
            place = folder / f"program-{installer}"
            place.mkdir()
            shutil.copy(PROGRAM, place)
            path = f"{environment / 'bin'}:{base['PATH']}"
            for words in TRIED:
                call([str(programs / "trainwreck"), *words], place, {**base, "PATH": path})
            print(f"{installer}: works, {megabytes(folder / installer)} MB", flush=True)


def program_environment(folder: Path, base: Variables) -> Path:
    """Return an environment of the program: pipx and uv keep trainwreck's own out of its way."""
    place = folder / "environment"
    call([sys.executable, "-m", "venv", str(place)], folder, base)
    call([str(place / "bin" / "python"), "-m", "pip", "-q", "install", "coverage"], folder, base)
    return place


def installed(folder: Path, wheel: str, base: Variables) -> dict[str, Path]:
    """Install the wheel three times; return the folder of programs of each installer."""
    pip, pipx, uv = (folder / name for name in ("pip", "pipx", "uv"))
    call([sys.executable, "-m", "venv", str(pip)], folder, base)
    call([str(pip / "bin" / "python"), "-m", "pip", "install", "--quiet", wheel], folder, base)
    own = {**base, "PIPX_HOME": str(pipx), "PIPX_BIN_DIR": str(pipx / "bin")}
    call(["pipx", "install", "--python", sys.executable, wheel], folder, own)
    own = {**base, "UV_TOOL_DIR": str(uv), "UV_TOOL_BIN_DIR": str(uv / "bin")}
    call(["uv", "tool", "install", "--python", sys.executable, wheel], folder, own)
    return {"pip": pip / "bin", "pipx": pipx / "bin", "uv": uv / "bin"}


def call(command: Sequence[str], folder: Path, variables: Variables) -> None:
    """Run a command; end with what it printed where it fails."""
    done = subprocess.run(
        command,
        cwd=folder,
        env=variables,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        timeout=LIMIT,
        check=False,
    )
    if done.returncode:
        sys.exit(f"{' '.join(command)} ended with {done.returncode}:\n{done.stdout}")


def megabytes(folder: Path) -> int:
    """Return the size of a folder."""
    asked = subprocess.run(["du", "-sm", str(folder)], capture_output=True, text=True, check=True)
    return int(asked.stdout.split()[0])


if __name__ == "__main__":
    main()
