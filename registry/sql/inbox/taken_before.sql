SELECT EXISTS (SELECT FROM message WHERE source = :source AND sha256 = :sha256 AND state = 'taken')
