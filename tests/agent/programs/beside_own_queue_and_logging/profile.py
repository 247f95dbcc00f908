mine = 'profile'
