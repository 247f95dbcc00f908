"""Checks of runs that were read from a file: which can hardly have been measured."""
