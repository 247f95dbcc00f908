import sys
error = ValueError("with\nlines")
if hasattr(error, "add_note"): error.add_note("a note")
class Odd(Exception):
    def __str__(self): raise RuntimeError("no text")
try: raise Odd()
except Odd: pass
raise error
