"""Delivery files: what offices say of cards, `docs/reference/card-protocol.md`."""

import duckdb
import pyarrow as pa

from registry.fold import keep
from registry.formats.reader import ReadFile
from registry.kinds import FileKind

#: Columns: when, what (`arrived`, `delivered`, `undeliverable`), the number on the card, its shipment, a reason code.
COLUMNS = ("happened_at", "event", "card_number", "shipment", "reason")

DELIVERIES = FileKind("deliveries", COLUMNS, ("happened_at", "event", "card_number"), (), pa.schema([]))

#: A line as it is understood; `wrong` says why it is not.
STATED = pa.schema(
    [
        ("message_no", pa.int64()),
        ("line_no", pa.int64()),
        ("event", pa.string()),
        ("happened_at", pa.timestamp("us", tz="UTC")),
        ("card_number", pa.string()),
        ("reason", pa.string()),
        ("wrong", pa.string()),
    ]
)

_QUERY = r"""
    WITH line AS (
        SELECT row_no AS line_no, lower(trim(event)) AS event, trim(card_number) AS card_number,
               nullif(lower(trim(reason)), '') AS reason,
               CASE WHEN regexp_full_match(trim(happened_at), '\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d)?(Z|[+-]\d\d:?\d\d)')
                    THEN TRY_CAST(trim(happened_at) AS TIMESTAMPTZ) END AS happened_at
          FROM told
    )
    SELECT $message_no AS message_no, line_no, event, happened_at, card_number, reason,
           CASE WHEN happened_at IS NULL THEN 'no_time'
                WHEN event IS NULL OR event NOT IN ('arrived', 'delivered', 'undeliverable') THEN 'unknown_event'
                WHEN card_number IS NULL OR card_number = '' THEN 'no_card'
                WHEN event = 'undeliverable' AND reason IS NULL THEN 'no_reason' END AS wrong
      FROM line
    UNION ALL
    SELECT $message_no, row_no, NULL, NULL, NULL, NULL, 'unreadable' FROM untold
     ORDER BY line_no
"""


def state_deliveries(local: duckdb.DuckDBPyConnection, told: ReadFile, *, message_no: int) -> pa.Table:
    """The lines of a delivery file, as `STATED`: times in ISO 8601 with their zone, codes in small letters."""
    keep(local, "told", told.table)
    keep(local, "untold", told.unreadable)
    local.execute("SET TimeZone = 'UTC'")
    return local.execute(_QUERY, {"message_no": message_no}).to_arrow_table().cast(STATED)
