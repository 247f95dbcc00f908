mine = 2
