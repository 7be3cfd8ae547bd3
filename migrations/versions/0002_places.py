"""The gazetteer in the store, filled from the files of the tree."""

from pathlib import Path

from alembic import op

from registry.places import Gazetteer
from registry.places.store import fill_places

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Runs the SQL beside this file, and fills the tables from `config/places`."""
    op.get_bind().exec_driver_sql(Path(__file__).with_suffix(".sql").read_text(encoding="utf-8"))
    fill_places(op.get_bind(), Gazetteer.open(Path(__file__).parents[2] / "config" / "places"))
