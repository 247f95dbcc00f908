"""Lines of the program that have changed since a revision of its git repository."""

import os
import re
import subprocess
from pathlib import Path

from trainwreck.errors import UsageError
from trainwreck.interrupts import INTERRUPTS

HUNK = re.compile(rb"^@@ -\S+ \+(\d+)(?:,(\d+))? @@", re.MULTILINE)
SAME_PATHS = ("--no-renames", "--relative")
ONLY_HASH = ("--abbrev=12", "--exclude=*")
SET_BY_HOOKS = ("GIT_DIR", "GIT_WORK_TREE")
"""Variables that git sets for hooks; they name another repository than the program's folder."""


def changed_lines(folder: Path, revision: str) -> dict[str, frozenset[int]]:
    """Return the new and changed lines of the Python files below a folder, by path from there.

    Changes that are not committed and files that git does not know yet are among them.

    Args:
        folder: The folder of the program.
        revision: A commit, a branch or a tag.

    Raises:
        UsageError: The folder is in no repository, or git knows no such revision.

    """
    if not _git(folder, "rev-parse", "--is-inside-work-tree", problem="is in no git repository"):
        raise UsageError(f"{folder} is no working tree of git", "Leave out `--since`.")
    commit = _git(
        *(folder, "rev-parse", "--verify", "--quiet", f"{revision}^{{commit}}"),
        problem=f"has no revision `{revision}` in its git repository",
        hint="Name a commit, a branch or a tag.",
    )
    compared = ("diff", "--no-color", "--no-ext-diff", "--no-textconv", *SAME_PATHS)
    at = commit.decode().strip()
    changed = _git(folder, *compared, "--name-only", "-z", "--diff-filter=d", at, "--", ".")
    lines = {
        name: _new_lines(_git(folder, *compared, "-U0", at, "--", f":(literal){name}"))
        for name in _python_files(changed)
    }
    unknown = _git(folder, "ls-files", "-z", "--others", "--exclude-standard", "--", ".")
    for name in _python_files(unknown):
        lines[name] = frozenset(range(1, (folder / name).read_bytes().count(b"\n") + 2))
    return lines


def folder_in_repository(folder: Path) -> str:
    """Return the path of a folder from the top of its repository: ``a/b/``, empty for the top.

    Raises UsageError where the folder is in no repository.
    """
    prefix = _git(folder, "rev-parse", "--show-prefix", problem="is in no git repository")
    return os.fsdecode(prefix.removesuffix(b"\n"))


def revision_of(file: Path) -> str:
    """Return the commit of a file's repository, with ``-dirty`` where files have changed since.

    It is empty where git does not know the file, or is not there.
    """
    try:
        _git(file.parent, "ls-files", "--error-unmatch", "--", file.name)
        described = _git(file.parent, "describe", "--always", "--dirty", *ONLY_HASH)
    except UsageError:
        return ""
    return described.decode("utf-8", "replace").strip()


def _new_lines(diff: bytes) -> frozenset[int]:
    return frozenset(
        line
        for first, number in HUNK.findall(diff)
        for line in range(int(first), int(first) + int(number or b"1"))
    )


def _python_files(names: bytes) -> list[str]:
    return [os.fsdecode(name) for name in names.split(b"\0") if name.endswith(b".py")]


def _git(folder: Path, *words: str, problem: str = "", hint: str = "Leave out `--since`.") -> bytes:
    environment = {name: text for name, text in os.environ.items() if name not in SET_BY_HOOKS}
    try:
        with INTERRUPTS.interruptible():
            answered = subprocess.run(
                ["git", "-C", str(folder), *words],
                env=environment,
                capture_output=True,
                check=False,
            )
    except OSError as error:
        raise UsageError(f"git cannot be run: {error.strerror}", "Install git.") from None
    if answered.returncode:
        reason = problem or os.fsdecode(answered.stderr).strip() or "cannot be compared by git"
        raise UsageError(f"{folder} {reason}", hint)
    return answered.stdout
