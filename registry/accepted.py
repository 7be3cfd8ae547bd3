"""Accepted: which rows of a load are held or quarantined, and which forms are left."""

from pathlib import Path

import duckdb


def accept_forms(connection: duckdb.DuckDBPyConnection, *, standard: Path, findings: Path, held: list[int]) -> None:
    """Creates the tables `row` (every readable row) and `form` (the rows that no critical rule stopped).

    Args:
        connection: a DuckDB for this load.
        standard: Parquet of `registry.forms.STANDARD_SCHEMA`.
        findings: Parquet of `registry.forms.FINDING_SCHEMA`.
        held: `file_no` of the files that are held whole.

    Table `row`: file_no, row_no, form_id, form_no, rules, outcome (`held`, `quarantined` or null), returned_file,
    returned_row. Table `form`: file_no, row_no, form_id of the first row of each form_id only.
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
        """
        CREATE TEMP TABLE form AS
        SELECT file_no, row_no, form_id
          FROM row
         WHERE outcome IS NULL
       QUALIFY row_number() OVER (PARTITION BY form_id ORDER BY file_no, row_no) = 1
        """
    )
