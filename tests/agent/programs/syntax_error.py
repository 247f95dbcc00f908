x = 1
for in y:
    pass
