"""The mutants of files: listed, checked, selected, and watched by probes."""
