from dancu import data_dictionary
from dancu.data_dictionary import store_tables


def test_the_page_in_the_tree_is_fresh() -> None:
    assert data_dictionary.main(["--check"]) == 0


def test_every_column_says_what_it_means() -> None:
    silent = [line for line in data_dictionary.page().splitlines() if line.startswith("| ") and line.endswith("|  |")]
    assert silent == []


def test_a_table_may_stand_on_one_line() -> None:
    (table,) = store_tables(["-- Who.\nCREATE UNLOGGED TABLE who (person_id uuid NOT NULL, phone text);\n"])
    assert [(c.name, c.kind, c.needed) for c in table.columns] == [
        ("person_id", "uuid", True),
        ("phone", "text", False),
    ]


def test_later_migrations_add_and_drop_columns() -> None:
    first = "-- Things.\nCREATE TABLE thing (\n    thing_id bigint PRIMARY KEY,  -- its number\n    size int\n);\n"
    second = "ALTER TABLE thing ADD COLUMN weight numeric NOT NULL; -- in kg\nALTER TABLE thing DROP COLUMN size;\n"
    (table,) = store_tables([first, second])
    assert (table.name, table.about) == ("thing", "Things.")
    assert [(c.name, c.kind, c.needed, c.meaning) for c in table.columns] == [
        ("thing_id", "bigint", True, "its number"),
        ("weight", "numeric", True, "in kg"),
    ]
