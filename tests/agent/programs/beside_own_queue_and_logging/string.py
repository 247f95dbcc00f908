mine = 'string'
