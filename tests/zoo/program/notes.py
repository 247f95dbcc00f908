"""Writes into the working folder, as many programs do."""

import os


def write_notes(rows):
    with open("notes.txt", "a") as file:
        print(len(rows), file=file)
    assert os.path.getsize("notes.txt") < 10  # fate: ComOR uninfected
