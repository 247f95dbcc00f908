"""Numbers in, numbers out; each module is imported by itself, since few commands compute."""
