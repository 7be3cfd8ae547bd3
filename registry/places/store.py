"""The gazetteer in the store, for questions that are asked of the store."""

from collections.abc import Sequence

import pyarrow as pa
from sqlalchemy import Connection, text

from registry.database import copy_in, load_sql
from registry.places.gazetteer import Gazetteer

PLACE_SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("valid_from", pa.date32()),
        ("valid_to", pa.date32()),
        ("level", pa.string()),
        ("name", pa.string()),
        ("full_name", pa.string()),
        ("parent", pa.string()),
    ]
)
SUCCESSOR_SCHEMA = pa.schema(
    [
        ("code", pa.string()),
        ("valid_from", pa.date32()),
        ("successor", pa.string()),
        ("successor_from", pa.date32()),
        ("extent", pa.string()),
        ("is_default", pa.bool_()),
    ]
)


def fill_places(store: Connection, gazetteer: Gazetteer) -> None:
    """Makes the tables `place` and `place_successor` what the gazetteer says, in the connection's transaction."""
    store.execute(text(load_sql("places", "empty")))
    copy_in(store, "place", PLACE_SCHEMA.names, _places(gazetteer))
    copy_in(store, "place_successor", SUCCESSOR_SCHEMA.names, _successors(gazetteer))


def _places(gazetteer: Gazetteer) -> pa.Table:
    rows = [
        (unit.code, unit.valid_from, until, unit.level, unit.name, unit.full_name, unit.parent_code or None)
        for unit, until in gazetteer.facts()
    ]
    return _table(rows, PLACE_SCHEMA)


def _successors(gazetteer: Gazetteer) -> pa.Table:
    rows = [
        (unit.code, unit.valid_from, after.unit.code, after.unit.valid_from, after.extent, after.is_default)
        for unit, until in gazetteer.facts()
        if until
        for after in gazetteer.successors(unit.code, unit.valid_from)
    ]
    return _table(rows, SUCCESSOR_SCHEMA)


def _table(rows: Sequence[tuple[object, ...]], schema: pa.Schema) -> pa.Table:
    columns = zip(*rows, strict=True)
    return pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, schema, strict=True)], schema=schema
    )
