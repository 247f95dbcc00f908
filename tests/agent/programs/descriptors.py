import os
first = os.open("prog.py", os.O_RDONLY)
print(first >= 3, os.get_inheritable(first))
reading, writing = os.pipe()
os.write(writing, b"x"); print(os.read(reading, 1))
os.closerange(3, 50)
print("closed all")
