import sys
class Closing:
    def __del__(self): sys.stdout.write("closing %s\n" % (sys is not None))
kept = [Closing()]
kept.append(kept)
