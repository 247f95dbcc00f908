"""The types of the order file, as PROTOCOL.md describes them.

A stub, because `typing` would cost every process of the program 2 to 11 ms to import.
"""

from typing import TypedDict

class Alternative(TypedDict):
    number: int
    kind: str
    text: str
    counted: str
    line: int
    column: int

class Stem(TypedDict):
    folder: str
    armed: list[int]

class FileEntry(TypedDict):
    path: str
    sha256: str
    code: str
    shown: str
    mutated: bool
    count_line: int | None
    counted: list[tuple[int | None, str]]
    phases: list[tuple[int, str]]
    alternatives: list[Alternative]

class CoverageOrder(TypedDict):
    folders: list[str]
    files: list[str]

class Horizon(TypedDict):
    hits: int
    checkpoints: list[str]
    rule: str

class Group(TypedDict):
    kind: str
    operators: list[str]
    pure: list[bool]
    truth: bool
    mutants: dict[str, list[str]]

class Order(TypedDict):
    protocol: int
    events: str
    seed: int
    threads: int
    cpus: list[int] | None
    signals: bool
    files: list[FileEntry]
    coverage: CoverageOrder | None
    digest: bool
    metrics: list[tuple[str, str, bool, str | None]]
    probes: list[Group] | None
    horizon: Horizon | None
    watchers: list[tuple[str, str, str]]
    sources: bool
    landmarks: bool
    network: bool
    deterministic: bool
    copied: tuple[str, str] | None
    stem: Stem | None
