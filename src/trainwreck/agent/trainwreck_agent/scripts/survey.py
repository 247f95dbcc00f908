"""Answers what this interpreter is and where libraries lie, without importing any of them.

Input: ``{"libraries": [first names]}``. Output: an object with

- ``"version"``: [major, minor, micro] of the interpreter, and ``"executable"``, its path;
- ``"libraries"``: {name: folder, file or null};
- ``"places"``: folders and archives that it reads modules from, and its own;
- ``"packages"``: {distribution: version};
- ``"owners"``: {name: the distribution that installed it, where one lists it};
- ``"provided"``: {name: [packages]} of each name that is a distribution and no library.
"""

import json
import os
import sys
from importlib.machinery import PathFinder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable


def origin(name: str) -> "str | None":
    """Return the folder of a package, the file of a module, or None."""
    spec = PathFinder.find_spec(name)
    if spec is None or spec.origin in (None, "built-in", "frozen"):
        locations = list(getattr(spec, "submodule_search_locations", None) or [])
        return os.path.realpath(locations[0]) if locations else None
    path = os.path.realpath(spec.origin)
    return os.path.dirname(path) if spec.submodule_search_locations else path


def places() -> "list[str]":
    """Return where modules are searched, and the folders of the interpreter itself."""
    paths = sys.path + [sys.prefix, getattr(sys, "base_prefix", sys.prefix)]
    return sorted({os.path.realpath(path) for path in paths if path and os.path.exists(path)})


def packages() -> "dict[str, str]":
    """Return the version of every installed distribution, read from the names of folders."""
    versions: "dict[str, str]" = {}
    for folder in sys.path:
        if os.path.isdir(folder):
            for entry in os.listdir(folder):
                stem, ending = os.path.splitext(entry)
                if ending in (".dist-info", ".egg-info") and "-" in stem:
                    name, version = stem.split("-")[:2]
                    versions.setdefault(name, version)
    return versions


def owners(names: "Iterable[str]") -> "dict[str, str]":
    """Return the distribution of each library, from the file lists that installers leave."""
    distributions: "dict[str, str]" = {}
    for folder in sys.path:
        if not os.path.isdir(folder):
            continue
        for entry in sorted(os.listdir(folder)):
            if entry.endswith((".dist-info", ".egg-info")) and "-" in entry:
                for name in names:
                    if name not in distributions and lists(os.path.join(folder, entry), name):
                        distributions[name] = entry.split("-")[0]
    return distributions


def lists(information: str, name: str) -> bool:
    """Return whether a distribution's file list has the library of this name."""
    files = (name + "/__init__.py", name + ".py")
    for listing in ("top_level.txt", "RECORD"):
        try:
            with open(os.path.join(information, listing), encoding="utf-8") as file:
                if any(line.strip() == name or line.startswith(files) for line in file):
                    return True
        except (OSError, ValueError):
            continue
    return False


def provided(distribution: str) -> "list[str]":
    """Return the packages and modules that a distribution of this name has installed."""
    names: "set[str]" = set()
    for folder in filter(os.path.isdir, sys.path):
        for entry in os.listdir(folder):
            if entry.endswith(".dist-info") and plain(entry.split("-")[0]) == plain(distribution):
                names.update(first_names(os.path.join(folder, entry, "RECORD")))
    return sorted(names)


def plain(name: str) -> str:
    """Return the name of a distribution as installers compare it."""
    return name.lower().replace("-", "_").replace(".", "_")


def first_names(record: str) -> "list[str]":
    """Return the importable names that a list of files begins with."""
    try:
        with open(record, encoding="utf-8") as file:
            paths = [line.split(",")[0].split("/") for line in file]
    except (OSError, ValueError):
        return []
    packages = [path[0] for path in paths if len(path) == 2 and path[1] == "__init__.py"]
    modules = [path[0][:-3] for path in paths if len(path) == 1 and path[0].endswith(".py")]
    return [name for name in packages + modules if name.isidentifier() and name[0] != "_"]


def main() -> None:
    """Answer the object on standard input with one on standard output."""
    libraries = json.load(sys.stdin)["libraries"]
    libraries_and_origins = {name: origin(name) for name in libraries}
    answer = {
        "version": list(sys.version_info[:3]),
        "executable": sys.executable,
        "libraries": libraries_and_origins,
        "places": places(),
        "packages": packages(),
        "owners": owners(libraries),
        "provided": {n: provided(n) for n, path in libraries_and_origins.items() if path is None},
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    # The folder of this script must not be searched for the program's libraries.
    sys.path.pop(0)
    main()
