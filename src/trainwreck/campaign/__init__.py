"""One campaign, from its clean runs to its results."""
