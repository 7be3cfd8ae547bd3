SELECT count(*) FILTER (WHERE (m.number, m.known_number, m.name, m.register, m.member)
                              IS DISTINCT FROM (CASE WHEN s.number_holds THEN s.number END, s.known_number, s.name, s.register, s.member))
  FROM member AS m
  JOIN stored_member AS s USING (form_id)
