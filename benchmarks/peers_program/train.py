import sys

from smallnet.training import train

for value in train(seed=int(sys.argv[1])):
    print("accuracy:", value)
