"""Runs one trial of the program under study and returns its outcome."""
