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


def create_bound(connection: duckdb.DuckDBPyConnection) -> None:
    """Says of each form in a weighed pair what keeps it apart from others.

    Args:
        connection: with `compared` of `registry.linkage.candidates`, and the table `scored`.

    Creates the table `bound`: of `compared` what a pair is judged by; `number`, the personal number where it holds; and
    `leaf`, the household in its file.
    """
    connection.execute(
        "CREATE TEMP TABLE bound AS SELECT node, file, file_no, form_id, name_key, birth, pid, known_pid,"
        f" {_VALID_NUMBER} AS number, {_LEAF} AS leaf FROM compared"
        " SEMI JOIN (SELECT l AS node FROM scored UNION ALL SELECT r FROM scored) USING (node)"
    )


def create_members(connection: duckdb.DuckDBPyConnection, *, books: dict[int, str]) -> None:
    """Says of each incoming form what keeps its person apart from others.

    Args:
        connection: with `node` of `registry.linkage.candidates`.
        books: file_no of the forms → what names the file for ever (its SHA-256).

    Creates the table `member`: file_no, row_no, the columns of `registry.linkage.clusters.MEMBER_SCHEMA`, `person_id`
    (null) and `stated_number`.
    """
    files = pa.table({"file_no": pa.array(list(books), pa.int32()), "book": list(books.values())})
    connection.register("books", files)
    connection.execute(
        f"""
        CREATE TEMP TABLE member AS
        SELECT file_no, row_no, form_id, NULL::VARCHAR AS person_id, {_VALID_NUMBER} AS number,
               try_cast(known_pid AS BIGINT) AS known_number,
               {key_of("name")} AS name,
               {key_of("book", _LEAF)} AS register,
               {key_of("coalesce(name_key, '')", "coalesce(birth, '')")} AS member,
               try_cast(pid AS BIGINT) AS stated_number
          FROM node LEFT JOIN books USING (file_no)
        """
    )
    connection.unregister("books")
