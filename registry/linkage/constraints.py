"""Constraints: what of a form keeps it from being of one person with another, whatever they agree on."""

import duckdb
import pyarrow as pa

#: A personal number that says what the form says of sex, century and year (Decree 137/2015/ND-CP art. 13). One that
#: does not may be a slip, and a slip keeps nobody apart.
_VALID_NUMBER = """
    CASE WHEN regexp_full_match(pid, '[0-9]{12}')
          AND (sex IS NULL OR (sex = 'F') = (pid[4]::INTEGER % 2 = 1))
          AND (year IS NULL OR year = 1900 + pid[4]::INTEGER // 2 * 100 + pid[5:6]::INTEGER)
         THEN pid::BIGINT END"""

_HASH = "CREATE OR REPLACE TEMP MACRO hash_of(content) AS (md5_number_upper(content) >> 1)::BIGINT"


def create_constraints(connection: duckdb.DuckDBPyConnection, *, books: dict[int, str]) -> None:
    """Says of each compared form what keeps it apart from others.

    Args:
        connection: with the table `compared` of `registry.linkage.candidates`.
        books: file_no of the incoming forms → what names the file for ever (its SHA-256).

    Creates

    - `bound`: the table `compared` with `number`, the personal number where it holds;
    - `member`: of the incoming forms the columns of `registry.linkage.clusters.MEMBER_SCHEMA`, `person_id` (null) and
      `stated_number`.
    """
    connection.execute(_HASH)
    connection.execute(f"CREATE TEMP VIEW bound AS SELECT *, {_VALID_NUMBER} AS number FROM compared")
    files = pa.table({"file_no": pa.array(list(books), pa.int32()), "book": list(books.values())})
    connection.register("books", files)
    connection.execute(
        """
        CREATE TEMP TABLE member AS
        SELECT form_id, NULL::VARCHAR AS person_id, number, try_cast(known_pid AS BIGINT) AS known_number,
               hash_of(book || chr(31) || household) AS register,
               hash_of(coalesce(name_key, '') || chr(31) || coalesce(birth, '')) AS member,
               try_cast(pid AS BIGINT) AS stated_number
          FROM bound LEFT JOIN books USING (file_no)
         WHERE incoming
        """
    )
    connection.unregister("books")
