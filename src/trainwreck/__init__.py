"""trainwreck plants small bugs in training code and in the libraries beneath it, and tells what became of each."""

__version__ = "0.1.0"
