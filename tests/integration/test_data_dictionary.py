from sqlalchemy import Engine, text

from dancu.data_dictionary import scripts, store_tables


def test_the_dictionary_has_the_tables_and_columns_of_the_store(store: Engine) -> None:
    with store.begin() as connection:
        rows = connection.execute(
            text(
                "SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull"
                "  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid"
                " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attnum > 0"
                "   AND NOT a.attisdropped AND c.relname <> 'alembic_version'"
            )
        ).all()
    names = {"timestamp with time zone": "timestamptz"}
    catalog = {(table, column, names.get(kind, kind), needed) for table, column, kind, needed in rows}
    # A column of a primary key that spans several is needed too, though its own line may not say so.
    page = {(table.name, c.name, c.kind, c.needed) for table in store_tables(scripts()) for c in table.columns}
    assert page == catalog
