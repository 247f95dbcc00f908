mine = 'token'
