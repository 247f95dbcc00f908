mine = 'logging'
