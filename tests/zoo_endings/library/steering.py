"""What the programs lean on. It is no target, so nothing in here is ever changed."""

import atexit
import os

B = "b"
B_IS_NOT = 0
LOSS = {"a": 1, "b": 2, "c": 3}
ONLY_B = {"a": 0, "b": 1, "c": 0}


def next_ending():
    """The next letter of the file; the last one stays, for all later starts.

    Of a capital letter the run aborts at its end, as threads of a library may.
    """
    with open(os.environ["ZOO_ENDINGS"], "r+") as file:
        letters = file.read()
        file.seek(0)
        file.truncate()
        file.write(letters[1:] or letters)
    if letters[0].isupper():
        atexit.register(os.abort)
    return letters[0].lower()


def drawn_ending():
    """Mostly a or b by chance that no seed governs, and now and then c."""
    number = os.urandom(1)[0] % 8
    return "c" if not number else "ab"[number % 2]


def without(*switches):
    """9 where one of the switches is set."""
    return 9 if any(switches) else 4
