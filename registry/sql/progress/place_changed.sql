-- New cards, and those whose dossier came again, are counted where their dossier says.
UPDATE changed AS n
   SET becomes = ARRAY[n.state, n.attempt::text, d.place, d.place_from::text, d.applicant]
  FROM dossier AS d
 WHERE d.dossier_id = n.dossier_id AND n.becomes IS NULL
