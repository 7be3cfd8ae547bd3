"""Progress: counts by place of each night, and targets that somebody has set."""

from pathlib import Path

from alembic import op

from registry.database import load_sql

revision = "0013"
down_revision = "0012"


def upgrade() -> None:
    """Runs the SQL beside this file, and makes the index by which persons are counted."""
    connection = op.get_bind()
    connection.exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    connection.exec_driver_sql(load_sql("bulk", "create_indexes"))
