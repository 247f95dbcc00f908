"""Answers what this interpreter is and where libraries lie, without importing any of them.

Input: {"libraries": [first names]}. Output: {"version": [major, minor, micro], "executable",
"libraries": {name: folder, file or null}, "packages": {distribution: version}}.
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


def main():
    """One object in, one object out."""
    libraries = json.load(sys.stdin)["libraries"]
    answer = {
        "version": list(sys.version_info[:3]),
        "executable": sys.executable,
        "libraries": {name: origin(name) for name in libraries},
        "packages": packages(),
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    sys.path.pop(0)
    main()
