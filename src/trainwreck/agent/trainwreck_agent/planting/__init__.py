"""Gives the interpreter the mutated text of a file, and counts how often the mutated code runs."""
