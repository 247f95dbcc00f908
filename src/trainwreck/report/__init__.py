"""Tables and verdicts to text, files and pictures."""
