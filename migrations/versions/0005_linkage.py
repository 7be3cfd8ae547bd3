"""Who is who by weight: judgements that are appended, pairs of forms, what reviewers say."""

from pathlib import Path

from alembic import op

from registry.database import load_sql
from registry.errors import PlatformError

revision = "0005"
down_revision = "0003"


def upgrade() -> None:
    """Runs the SQL beside this file, on a store without persons: others were resolved by rules that are gone.

    Raises:
        PlatformError: the store holds judgements of the exact rules.
    """
    connection = op.get_bind()
    if connection.exec_driver_sql("SELECT EXISTS (SELECT FROM judgement)").scalar():
        raise PlatformError(
            "this store was resolved by exact agreement, and who is who is decided by weight now: the operator makes a"
            " new store and lands the files of archive/files/ again"
        )
    connection.exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    connection.exec_driver_sql(load_sql("bulk", "create_indexes"))
