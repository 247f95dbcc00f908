"""Names the systems on which trainwreck does not work, and what to do there."""

import sys

NAMES = {"darwin": "macOS", "win32": "Windows", "cygwin": "Windows"}
WAYS = {
    "macOS": "Run it in a Linux container or on a Linux machine.",
    "Windows": "Run it in WSL 2 (`wsl --install`), in a Linux container or on a Linux machine.",
}
ANY_WAY = "Run it on a Linux machine."


def unsupported_system() -> tuple[str, str] | None:
    """Return why trainwreck does not work on this system and what to do; None on Linux."""
    platform = sys.platform
    if platform == "linux":
        return None
    name = NAMES.get(platform, platform)
    what = f"trainwreck runs on Linux only, whose kernel keeps its runs apart; this is {name}"
    return what, WAYS.get(name, ANY_WAY)


def check_system() -> None:
    """Raise ImportError on a system on which trainwreck does not work."""
    if problem := unsupported_system():
        raise ImportError(". ".join(problem))
