"""Imported, and then run once more from its text, past what the import has put into it."""


def doubled(number):
    return number + number  # fate: ArOR unreached run
