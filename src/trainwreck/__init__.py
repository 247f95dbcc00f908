"""Plants small bugs in training code and in its libraries, and tells what became of each."""

__version__ = "0.1.0"
