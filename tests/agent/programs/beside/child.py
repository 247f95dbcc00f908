import sys
print('child', __name__, sys.argv[1:])
value = 3
