-- Cards that somebody owes something for, counted in one pass over the index `card_open`; `late`: of these, whose term has run
-- out.
CREATE TEMP TABLE open_card ON COMMIT DROP AS
SELECT batch_no, state, office, on_hold,
       CASE state WHEN 'handed_off' THEN 'answer' WHEN 'accepted' THEN 'production' WHEN 'qc_failed' THEN 'production'
                  WHEN 'produced' THEN 'shipment' ELSE 'delivery' END AS term,
       count(*) AS cards,
       count(*) FILTER (WHERE since < CASE state WHEN 'handed_off' THEN CAST(:answer AS timestamptz)
                                                 WHEN 'accepted' THEN :production
                                                 WHEN 'qc_failed' THEN :production
                                                 WHEN 'produced' THEN :shipment
                                                 ELSE :delivery END) AS late,
       min(since) AS since
  FROM card
 WHERE state IN ('handed_off', 'accepted', 'qc_failed', 'produced', 'shipped', 'arrived', 'undeliverable')
 GROUP BY batch_no, state, office, on_hold
