mine = 'queue'
