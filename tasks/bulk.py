"""Bulk: a night that is large beside the store drops the indexes of who is who, and builds them when it has merged.

Entering a form into five B-trees costs several times what sorting it into five new ones does. While they are
gone a load finds the forms of its persons by reading the whole table, so it must be few loads.
"""

from sqlalchemy import text

from registry.database import load_sql
from tasks.platform import Platform, platform
from tasks.verb import verb

#: A form of a register in delimited text, in bytes.
FORM_BYTES = 330

#: Share of the store that a night must bring, and the most loads that may read the whole of it.
LARGE_SHARE = 0.2
MOST_LOADS = 12


@verb
def ready_indexes(load_ids: list[str]) -> bool:
    """Before the merges: drops the indexes for a large night, has them all for any other; whether it dropped them."""
    place = platform()
    large = 0 < len(load_ids) <= MOST_LOADS and _is_large(place)
    with place.engine.begin() as store:
        store.execute(text(load_sql("bulk", "drop_indexes" if large else "create_indexes")))
    return large


@verb
def rebuild_indexes() -> None:
    """After the merges: builds what is missing, and tells the planner what the tables hold now."""
    with platform().engine.begin() as store:
        store.execute(text(load_sql("bulk", "create_indexes")))
        store.execute(text("ANALYZE judgement, person"))


def _is_large(place: Platform) -> bool:
    with place.engine.begin() as store:
        sizes = store.execute(text(load_sql("bulk", "sizes"))).mappings().one()
    return bool(sizes["coming_bytes"] / FORM_BYTES >= LARGE_SHARE * sizes["forms"])
