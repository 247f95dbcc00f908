"""Answers what this interpreter is and where libraries lie, without importing any of them.

Input: {"libraries": [first names]}. Output: {"version": [major, minor, micro], "executable",
"libraries": {name: folder, file or null}, "packages": {distribution: version},
"owners": {name: the distribution that brought it, where one says so}}.
"""

import json
import os
import sys
from importlib.machinery import PathFinder


def origin(name):
    """The folder of a package, the file of a module, or None."""
    spec = PathFinder.find_spec(name)
    if spec is None or spec.origin in (None, "built-in", "frozen"):
        locations = list(getattr(spec, "submodule_search_locations", None) or [])
        return os.path.realpath(locations[0]) if locations else None
    path = os.path.realpath(spec.origin)
    return os.path.dirname(path) if spec.submodule_search_locations else path


def packages():
    """Name and version of every installed distribution, read from the names of folders."""
    found = {}
    for folder in sys.path:
        if os.path.isdir(folder):
            for entry in os.listdir(folder):
                stem, ending = os.path.splitext(entry)
                if ending in (".dist-info", ".egg-info") and "-" in stem:
                    name, version = stem.split("-")[:2]
                    found.setdefault(name, version)
    return found


def owners(names):
    """The distribution of each library, from the lists of files that installers leave."""
    found = {}
    for folder in sys.path:
        if not os.path.isdir(folder):
            continue
        for entry in sorted(os.listdir(folder)):
            if entry.endswith((".dist-info", ".egg-info")) and "-" in entry:
                for name in names:
                    if name not in found and brings(os.path.join(folder, entry), name):
                        found[name] = entry.split("-")[0]
    return found


def brings(information, name):
    """Whether a distribution's list of files has the library of this name."""
    wanted = (name + "/__init__.py", name + ".py")
    for listing in ("top_level.txt", "RECORD"):
        try:
            with open(os.path.join(information, listing), encoding="utf-8") as file:
                if any(line.strip() == name or line.startswith(wanted) for line in file):
                    return True
        except (OSError, ValueError):
            continue
    return False


def main():
    """One object in, one object out."""
    libraries = json.load(sys.stdin)["libraries"]
    answer = {
        "version": list(sys.version_info[:3]),
        "executable": sys.executable,
        "libraries": {name: origin(name) for name in libraries},
        "packages": packages(),
        "owners": owners(libraries),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    sys.path.pop(0)
    main()
