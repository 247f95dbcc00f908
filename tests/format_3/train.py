"""Leaves something behind in its first phase that is gone in the next, and something that stays."""

# phase: preprocessing
spare = 3
spare = None
kept = 4

# phase: learning
print("loss:", kept)
