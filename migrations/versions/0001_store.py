"""The store as first built: ledger, rows, judgements, persons, cards."""

from pathlib import Path

from alembic import op

from registry.database import load_sql

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Runs the SQL beside this file, and builds the indexes that large nights build too."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    op.get_bind().exec_driver_sql(load_sql("bulk", "create_indexes"))
