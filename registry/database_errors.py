"""What PostgreSQL complains of, without the values of rows that it likes to quote."""

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.engine import ExceptionContext

#: Classes of SQLSTATE whose message is about the statement or the server and quotes no value of a row.
_SAFE_CLASSES = frozenset(
    {"08", "0A", "25", "26", "28", "2B", "34", "3D", "3F", "40", "42", "53", "54", "55", "57", "58", "XX"}
)


def safe_text(error: psycopg.Error) -> str:
    """Kind, SQLSTATE, table, column and constraint ; the message only where it quotes no value."""
    diagnosis = error.diag
    if diagnosis.sqlstate is None:  # psycopg's own: the connection, or a value it could not send
        return str(error) if isinstance(error, psycopg.OperationalError) else type(error).__name__
    names = {
        "table": diagnosis.table_name,
        "column": diagnosis.column_name,
        "constraint": diagnosis.constraint_name,
    }
    message = diagnosis.message_primary if diagnosis.sqlstate[:2] in _SAFE_CLASSES else None
    parts = [f"{type(error).__name__} (SQLSTATE {diagnosis.sqlstate})", message or ""]
    parts.extend(f"{kind} {name}" for kind, name in names.items() if name)
    return ", ".join(part for part in parts if part)


def hide_values(context: ExceptionContext) -> None:
    """SQLAlchemy's `handle_error`: take the values out before anybody can log them; class and `diag` stay."""
    original = context.original_exception
    if isinstance(original, psycopg.Error):
        said = safe_text(original)
        original.args = (said,)
        if context.sqlalchemy_exception is not None:
            context.sqlalchemy_exception.args = (said,)


@contextmanager
def values_hidden() -> Iterator[None]:
    """The same for statements that are sent past SQLAlchemy."""
    try:
        yield
    except psycopg.Error as error:
        error.args = (safe_text(error),)
        raise
