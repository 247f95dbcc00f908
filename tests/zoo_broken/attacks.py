"""What a buggy program may do to the files by which it is judged.

The last word of each comment is the ending that `tests/end_to_end/test_zoo_broken.py` expects:
`broken`, or `verdict` where the program can be judged all the same. `either` depends on the level
of containment: some attacks fail in a strict trial.
"""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

ORDER = Path(os.environ.get("TRAINWRECK_ORDER", "order.json"))
SLOT = ORDER.parent
EVENTS = SLOT / "events"


def none() -> None:  # ending: clean
    """Do nothing, as the clean program."""


def deletes_its_folder() -> None:  # ending: broken
    shutil.rmtree(SLOT, ignore_errors=True)


def deletes_its_working_copy() -> None:  # ending: verdict
    shutil.rmtree(Path.cwd(), ignore_errors=True)


def deletes_the_events() -> None:  # ending: broken
    shutil.rmtree(EVENTS)


def replaces_its_folder_by_a_file() -> None:  # ending: broken
    shutil.rmtree(SLOT, ignore_errors=True)
    SLOT.write_text("mine")


def replaces_its_folder_by_a_link() -> None:  # ending: either
    SLOT.rename(SLOT.with_name("moved"))
    SLOT.symlink_to(SLOT.parent.parent / "victim")


def rewrites_itself_and_starts_python() -> None:  # ending: broken
    Path("train.py").write_text("print('rewritten')\n")
    subprocess.run([sys.executable, "train.py"], check=False)


def writes_garbage() -> None:  # ending: broken
    append(b"garbage\n")


def writes_no_unicode() -> None:  # ending: broken
    append(b'{"event": "hit", "hits": "\xff"}\n')


def writes_huge_events() -> None:  # ending: broken
    append(b'{"event": "trouble", "what": "x"}\n' * 2_500_000)


def writes_deep_json() -> None:  # ending: broken
    append(b'{"event": "observation", "name": "x", "value": ' + b"[" * 100_000 + b"\n")


def writes_an_unknown_event() -> None:  # ending: verdict
    append(event("weather", value=1))


def writes_events_without_keys() -> None:  # ending: broken
    append(b"".join(event(kind) for kind in ("refused", "phase", "failure", "digest", "report")))


def writes_wrong_types() -> None:  # ending: broken
    append(event("hit", wall="soon", cpu=[], hits=-1))


def writes_a_number_that_no_table_holds() -> None:  # ending: broken
    append(event("hit", wall=1, cpu=1, hits=2**80))


def forges_a_result() -> None:  # ending: broken
    append(event("digest", parameters="0f", models=1) * 2)


def forges_files() -> None:  # ending: broken
    append(event("observation", name="files", value=3))


def forges_an_end() -> None:  # ending: broken
    append(event("settled", rule="horizon"))


def forges_an_end_by_an_unknown_rule() -> None:  # ending: broken
    append(event("settled", rule="because"))


def forges_a_second_process() -> None:  # ending: broken
    (EVENTS / "events-1-0.jsonl").write_bytes(event("digest", parameters="0f", models=1))


def leaves_a_folder() -> None:  # ending: broken
    (EVENTS / "events-1-0.jsonl").mkdir()


def leaves_a_pipe() -> None:  # ending: broken
    os.mkfifo(EVENTS / "events-1-0.jsonl")


def leaves_a_link() -> None:  # ending: broken
    (EVENTS / "events-1-0.jsonl").symlink_to("/dev/zero")


def links_the_events_elsewhere() -> None:  # ending: broken
    EVENTS.rename(SLOT / "elsewhere")
    EVENTS.symlink_to(SLOT / "elsewhere")


def empties_the_events() -> None:  # ending: broken
    for path in EVENTS.iterdir():
        os.truncate(path, 0)


def deletes_the_order() -> None:  # ending: verdict
    ORDER.unlink()
    subprocess.run([sys.executable, "-c", "pass"], check=False)


def rewrites_the_order() -> None:  # ending: broken
    ORDER.write_text(json.dumps({"protocol": 99, "events": str(EVENTS), "files": []}))
    subprocess.run([sys.executable, "-c", "pass"], check=False)


def leaves_records_that_nobody_ordered() -> None:  # ending: verdict
    (EVENTS / "probe-1-0.json").write_bytes(b"\xff")
    (EVENTS / "coverage-1-0.json").write_bytes(b"[" * 100_000)
    os.mkfifo(EVENTS / "stack-1-0.txt")


def closes_everything() -> None:  # ending: verdict
    os.closerange(3, 256)


def raises_an_odd_message() -> None:  # ending: verdict
    raise RuntimeError("\ud800\x1b[31m" + "x" * 10_000)


def append(content: bytes) -> None:
    """Append to the event file of this process."""
    path = next(EVENTS.glob(f"events-{os.getpid()}-*.jsonl"))
    with path.open("ab") as file:
        file.write(content)


def event(kind: str, **values: object) -> bytes:
    """Return the line of an event."""
    return json.dumps({"event": kind, **values}).encode() + b"\n"
