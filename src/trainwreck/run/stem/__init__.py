"""Warm starts: one clean run, the stem, forks a child for each mutant at its first evaluation."""
