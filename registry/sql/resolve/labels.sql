-- Who is who among the forms of some senders, as somebody who knows has said.
SELECT sender, form_no, person_key FROM truth_label WHERE sender = ANY(%(senders)s)
