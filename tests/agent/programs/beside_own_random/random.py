mine = 'random'
