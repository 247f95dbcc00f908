from crossed.added import ADDED
from crossed.taken import TAKEN


def answer(number):
    return number + ADDED - TAKEN
