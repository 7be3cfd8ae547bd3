"""Who is who, first tier: exact agreement, form against form.

Two forms are the same person when they share

1. the personal number, and the name or the birth date (`number`),
2. the old card number, the name and the birth date (`card`), or
3. name, birth date, sex, both parents' names and the origin (`kin`).

A person is a component of that graph. It depends on the set of forms alone: not on their order, their files or
their loads. The same number with neither name nor birth date in common is no edge but a contradiction: the
number is *contested*, the persons stay apart, and people decide (`review`).

Names are compared by their key (upper case, without accents), dates as they are written, year-only ones too.
"""

from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

#: Keys of a form in the store, each a 64-bit hash; an edge always compares a second part as well.
KEYS: tuple[str, ...] = ("number_key", "name_key", "birth_key", "card_key", "kin_key")

#: The rules from the strongest down, each with the keys that must agree.
RULES: dict[str, tuple[str, ...]] = {
    "number+name": ("number_key", "name_key"),
    "number+birth": ("number_key", "birth_key"),
    "card": ("card_key", "name_key", "birth_key"),
    "kin": ("kin_key", "name_key", "birth_key"),
}

#: Rule of a person's first form, and of one that contests another person's number.
FIRST, CONTESTED = "first", "contested"


@dataclass(frozen=True)
class Neighbours:
    """What the store knows of a load's keys: tables of the DuckDB connection.

    Attributes:
        known: form_id (32 hex digits) of forms that were accepted before.
        members: person_id (of today) and `KEYS` of accepted forms that share a number, card or kin key.
    """

    known: str
    members: str


def key_of(*parts: str) -> str:
    """Returns SQL of DuckDB for a key (64 bits, from 0) of columns of text; null where one of them is null."""
    # md5 is stable over versions of DuckDB, its own hash() is not; the upper bits make a signed 64-bit number.
    text = " || chr(31) || ".join(parts)
    return f"(md5_number_upper({text}) >> 1)::BIGINT"


def accept_forms(connection: duckdb.DuckDBPyConnection, *, standard: Path, findings: Path, held: list[int]) -> None:
    """Creates the tables `row` (every readable row) and `form` (the rows that no critical rule stopped).

    Args:
        connection: a DuckDB for this load.
        standard: Parquet of `registry.forms.STANDARD_SCHEMA`.
        findings: Parquet of `registry.forms.FINDING_SCHEMA`.
        held: `file_no` of the files that are held whole.

    Table `row`: file_no, row_no, form_id, form_no, rules, outcome (`held`, `quarantined` or null), returned_file,
    returned_row. Table `form`: file_no, row_no, form_id and `KEYS`, the first row of each form_id only.
    """
    connection.execute(
        """
        CREATE TEMP TABLE finding AS
        SELECT file_no, row_no, string_agg(rule, ';' ORDER BY rule) AS rules,
               bool_or(severity = 'critical') AS critical
          FROM read_parquet(?) GROUP BY file_no, row_no
        """,
        [str(findings)],
    )
    connection.execute(
        """
        CREATE TEMP TABLE row AS
        SELECT s.file_no, s.row_no, s.form_id, s.form_no, f.rules,
               CASE WHEN list_contains(?::INT[], s.file_no) THEN 'held'
                    WHEN f.critical THEN 'quarantined' END AS outcome,
               s.returned_file, s.returned_row
          FROM read_parquet(?) AS s LEFT JOIN finding AS f USING (file_no, row_no)
        """,
        [held, str(standard)],
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE form AS
        SELECT file_no, row_no, form_id,
               {key_of("pid")} AS number_key,
               {key_of("full_name_key")} AS name_key,
               {key_of("birth_date")} AS birth_key,
               {key_of("cmnd_no", "full_name_key", "birth_date")} AS card_key,
               {key_of("full_name_key", "birth_date", "sex", "father_name_key", "mother_name_key", "origin")} AS kin_key
          FROM (SELECT *, coalesce(origin_place, upper(origin_place_raw)) AS origin FROM read_parquet(?))
          SEMI JOIN (FROM row WHERE outcome IS NULL) USING (file_no, row_no)
       QUALIFY row_number() OVER (PARTITION BY form_id ORDER BY file_no, row_no) = 1
        """,
        [str(standard)],
    )


def resolve_forms(connection: duckdb.DuckDBPyConnection, *, neighbours: Neighbours, night: str) -> None:
    """Decides for every form of the load which person it belongs to.

    Args:
        connection: a DuckDB with the table `form` of `accept_forms`.
        neighbours: what the store knows, as tables of the same connection.
        night: the business date in eight digits, the head of new persons' ids.

    Creates the tables

    - `decision`: file_no, row_no, form_id, person_id, outcome (`new`, `matched`, `review`), rule and `KEYS`;
    - `alias`: old_id, person_id, for persons that a form tied together;
    - `contested`: person_id of every person, old or new, whose number another person states too.
    """
    connection.execute(
        f"CREATE TEMP TABLE fresh AS SELECT row_number() OVER () - 1 AS node, * FROM form"
        f" ANTI JOIN {neighbours.known} USING (form_id)"
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE person_node AS
        SELECT (SELECT count(*) FROM fresh) + row_number() OVER () - 1 AS node, person_id
          FROM (SELECT DISTINCT person_id FROM {neighbours.members})
        """
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE node_key AS
        SELECT node, {", ".join(KEYS)} FROM fresh
        UNION ALL
        SELECT node, {", ".join(KEYS)} FROM {neighbours.members} JOIN person_node USING (person_id)
        """
    )
    _create_edges(connection)
    _label_components(connection)
    _name_components(connection, night=night)
    _create_contested(connection)
    _create_decisions(connection)


def _create_edges(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `edge`: node, hub (the least of the nodes that share the keys), strength (the strongest rule's place).

    Every node of a shared key is tied to its hub and to none of the others: that connects the same nodes.
    """
    each = " UNION ALL ".join(
        f"SELECT node, {strength} AS strength, hash({strength}, {', '.join(keys)}) AS knot FROM node_key"
        f" WHERE {' AND '.join(f'{key} IS NOT NULL' for key in keys)}"
        for strength, keys in enumerate(RULES.values())
    )
    connection.execute(
        f"""
        CREATE TEMP TABLE edge AS
        WITH each AS MATERIALIZED ({each}),
             shared AS (SELECT knot, min(node) AS hub FROM each GROUP BY knot HAVING hub < max(node))
        SELECT node, hub, min(strength) AS strength FROM each JOIN shared USING (knot) GROUP BY node, hub
        """
    )


def _label_components(connection: duckdb.DuckDBPyConnection) -> None:
    """Creates `component`: node, label; every node has one, alone or not."""
    edges = connection.execute("SELECT node, hub FROM edge WHERE node <> hub").fetchnumpy()
    nodes = connection.execute("SELECT (SELECT count(*) FROM fresh) + (SELECT count(*) FROM person_node)").fetchall()
    count = int(nodes[0][0])
    ties = np.ones(len(edges["node"]), dtype=np.int8)
    graph = coo_array((ties, (edges["node"], edges["hub"])), shape=(count, count))
    component = pa.table({"node": np.arange(count), "label": connected_components(graph, directed=False)[1]})
    connection.register("component_table", component)
    connection.execute("CREATE TEMP TABLE component AS FROM component_table")
    connection.unregister("component_table")


def _name_components(connection: duckdb.DuckDBPyConnection, *, night: str) -> None:
    """Creates `named`: label, person_id, founder (node of its first form if the load makes the person).

    The least id wins, see `registry.persons`; a new form may only take a person's name over in the person's own
    first night, so that an id that was published never changes for an older one.
    """
    connection.execute(
        """
        CREATE TEMP TABLE named AS
        WITH old AS (SELECT label, min(person_id) AS person_id
                       FROM component JOIN person_node USING (node) GROUP BY label),
             young AS (SELECT label, min(form_id) AS form_id, arg_min(node, form_id) AS node
                         FROM component JOIN fresh USING (node) GROUP BY label),
             pair AS (SELECT label, old.person_id AS old_id, young.node AS founder,
                             $night || '-' || form_id[1:4] || '-' || form_id[5:8] || '-' || form_id[9:12] || '-'
                             || form_id[13:24] AS young_id
                        FROM young FULL JOIN old USING (label))
        SELECT label,
               CASE WHEN old_id IS NULL OR (young_id < old_id AND left(old_id, 8) = $night)
                    THEN young_id ELSE old_id END AS person_id,
               CASE WHEN old_id IS NULL THEN founder END AS founder
          FROM pair
        """,
        {"night": night},
    )
    connection.execute(
        """
        CREATE TEMP TABLE alias AS
        SELECT old.person_id AS old_id, named.person_id
          FROM person_node AS old JOIN component USING (node) JOIN named USING (label)
         WHERE old.person_id <> named.person_id
        """
    )


def _create_contested(connection: duckdb.DuckDBPyConnection) -> None:
    connection.execute(
        """
        CREATE TEMP TABLE contested AS
        WITH stated AS (SELECT DISTINCT number_key, label FROM node_key JOIN component USING (node)
                         WHERE number_key IS NOT NULL),
             several AS (SELECT number_key FROM stated GROUP BY number_key HAVING count(*) > 1)
        SELECT DISTINCT label, person_id FROM stated SEMI JOIN several USING (number_key) JOIN named USING (label)
        """
    )


def _create_decisions(connection: duckdb.DuckDBPyConnection) -> None:
    rules = ", ".join(f"'{rule}'" for rule in RULES)
    keys = ", ".join(f"fresh.{key}" for key in KEYS)
    connection.execute(
        f"""
        CREATE TEMP TABLE decision AS
        SELECT fresh.file_no, fresh.row_no, fresh.form_id, named.person_id,
               CASE WHEN fresh.node IS DISTINCT FROM named.founder THEN 'matched'
                    WHEN contested.label IS NOT NULL THEN 'review' ELSE 'new' END AS outcome,
               CASE WHEN fresh.node IS DISTINCT FROM named.founder THEN ([{rules}])[tie.strength + 1]
                    WHEN contested.label IS NOT NULL THEN '{CONTESTED}' ELSE '{FIRST}' END AS rule,
               {keys}
          FROM fresh
          JOIN component USING (node)
          JOIN named USING (label)
          LEFT JOIN contested USING (label)
          LEFT JOIN (SELECT node, min(strength) AS strength FROM edge GROUP BY node) AS tie USING (node)
        """
    )
