mine = 'json'
