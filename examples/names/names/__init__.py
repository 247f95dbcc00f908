"""A language model of names, one character at a time: ``python -m names``."""
