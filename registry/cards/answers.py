"""What the lines of an answer say of cards: each as an event."""

import duckdb
import pyarrow as pa

from registry.sealing.answers import CONTENT, PRODUCTION, SHIPMENT, SYNTAX, Answer

#: Lines of an answer as events; `line` numbers a line of the batch where a dossier is not named.
TOLD = pa.schema(
    [
        ("line_no", pa.int64()),
        ("dossier_id", pa.string()),
        ("attempt", pa.int16()),
        ("line", pa.int32()),
        ("event", pa.string()),
        ("happened_at", pa.timestamp("us", tz="UTC")),
        ("reason", pa.string()),
        ("card_number", pa.string()),
        ("chip_serial", pa.string()),
        ("shipment", pa.string()),
        ("office", pa.string()),
    ]
)

#: Kind of answer → what is selected of its lines.
_EVENTS = {
    SYNTAX: "line, 'rejected' AS event, $made_at AS happened_at, 'line_unreadable' AS reason",
    CONTENT: "dossier AS dossier_id, attempt, result AS event, $made_at AS happened_at, reason",
    PRODUCTION: "dossier AS dossier_id, attempt, if(qc = 'passed', 'produced', 'qc_failed') AS event,"
    " made_at AS happened_at, card_number, chip_serial",
    SHIPMENT: "dossier AS dossier_id, attempt, 'shipped' AS event, shipped_at AS happened_at, card_number, shipment,"
    " office",
}


def tell(local: duckdb.DuckDBPyConnection, answer: Answer) -> pa.Table:
    """The lines of an answer that has some, as `TOLD`."""
    given = answer.lines.append_column("line_no", pa.array(range(1, len(answer.lines) + 1), pa.int64()))
    local.execute("SET TimeZone = 'UTC'")
    local.register("given", given)
    values = {"made_at": answer.header.made_at} if "$made_at" in _EVENTS[answer.header.kind] else {}
    query = f"SELECT line_no, {_EVENTS[answer.header.kind]} FROM given ORDER BY line_no"
    told = local.execute(query, values).to_arrow_table()
    columns = [told[name] if name in told.column_names else pa.nulls(len(told), kind) for name, kind in _types()]
    return pa.table(columns, names=TOLD.names).cast(TOLD)


def _types() -> list[tuple[str, pa.DataType]]:
    return [(field.name, field.type) for field in TOLD]
