import random
random.seed(5)
print(random.random(), random.Random(3).random(), random.sample(range(10), 3))
state = random.getstate(); a = random.random(); random.setstate(state); print(a == random.random())
