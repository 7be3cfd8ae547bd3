"""Constraints: what of a form keeps it from being of one person with another, whatever they agree on."""

import duckdb
import pyarrow as pa

from registry.hashes import key_of

#: A personal number that says what the form says of sex, century and year (Decree 137/2015/ND-CP art. 13). One that
#: does not may be a slip, and a slip keeps nobody apart.
_VALID_NUMBER = """
    CASE WHEN regexp_full_match(pid, '[0-9]{12}')
          AND (sex IS NULL OR (sex = 'F') = (pid[4]::INTEGER % 2 = 1))
          AND (year IS NULL OR year = 1900 + pid[4]::INTEGER // 2 * 100 + pid[5:6]::INTEGER)
         THEN pid::BIGINT END"""


#: Where a file lists the members of one household: under its number, failing that at one address.
_LEAF = "coalesce(household, home || chr(31) || address)"


def create_constraints(connection: duckdb.DuckDBPyConnection, *, books: dict[int, str]) -> None:
    """Says of each compared form what keeps it apart from others.

    Args:
        connection: with the table `compared` of `registry.linkage.candidates`.
        books: file_no of the incoming forms → what names the file for ever (its SHA-256).

    Creates

    - `bound`: the forms of `compared` with `number`, the personal number where it holds, and `leaf`, the household in
      its file;
    - `member`: of the incoming forms the columns of `registry.linkage.clusters.MEMBER_SCHEMA`, `person_id` (null) and
      `stated_number`.
    """
    connection.execute(
        "CREATE TEMP TABLE bound AS"
        " SELECT node, incoming, file, file_no, row_no, form_id, name, name_key, birth, pid, known_pid,"
        f" {_VALID_NUMBER} AS number, {_LEAF} AS leaf FROM compared"
    )
    files = pa.table({"file_no": pa.array(list(books), pa.int32()), "book": list(books.values())})
    connection.register("books", files)
    connection.execute(
        f"""
        CREATE TEMP TABLE member AS
        SELECT form_id, NULL::VARCHAR AS person_id, number, try_cast(known_pid AS BIGINT) AS known_number,
               {key_of("name")} AS name,
               {key_of("book", "leaf")} AS register,
               {key_of("coalesce(name_key, '')", "coalesce(birth, '')")} AS member,
               try_cast(pid AS BIGINT) AS stated_number
          FROM bound LEFT JOIN books USING (file_no)
         WHERE incoming
        """
    )
    connection.unregister("books")
