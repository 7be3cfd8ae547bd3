SELECT EXISTS (SELECT FROM message WHERE source = :centre AND sequence = :sequence AND state = 'taken')
