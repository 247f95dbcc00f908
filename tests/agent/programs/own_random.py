import random
print(random.mine)
from random import mine
