"""Facts to verdicts. Nothing in here is stored."""
