UPDATE card AS c SET counted = n.becomes FROM changed AS n WHERE n.dossier_id = c.dossier_id
