import sys
sys.exit("a text for stderr")
