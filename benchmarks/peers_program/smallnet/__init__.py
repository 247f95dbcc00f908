"""A small network in pure Python."""
