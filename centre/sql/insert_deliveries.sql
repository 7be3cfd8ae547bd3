-- Everything that was shipped arrives; a share is delivered, and of the rest every fourth cannot be.
INSERT INTO delivery
SELECT $run, office,
    strftime(shipped_at::TIMESTAMP + to_minutes(CASE event WHEN 'arrived' THEN 1 ELSE 1 + $run END), '%Y-%m-%dT%H:%M:%SZ'),
    event, card_number, shipment,
    CASE WHEN event = 'undeliverable'
        THEN $reasons[1 + floor(luck('reason/' || card_number) * len($reasons))::INTEGER] END,
    false
FROM (
    SELECT *, 'arrived' AS event FROM stock WHERE state = 'shipped'
    UNION ALL
    SELECT *, 'delivered' FROM stock WHERE state IN ('shipped', 'arrived') AND luck < $share
    UNION ALL
    SELECT *, 'undeliverable' FROM stock WHERE state = 'shipped' AND luck >= 1 - (1 - $share) / 4
)
ORDER BY office, card_number, event
