"""Housekeep: what killed runs left behind goes, and the planner learns what the store holds."""

import datetime as dt
import shutil

from sqlalchemy import text

from tasks.platform import platform
from tasks.verb import verb

#: A put that began longer ago is none any more: senders and the centre put while housekeeping runs.
_LONGEST_PUT = dt.timedelta(days=1)


@verb
def clear_scratch() -> int:
    """Removes the scratch folders of loads that no run works on; returns how many. The caller holds the lock."""
    scratch = platform().settings.scratch
    left = list(scratch.iterdir()) if scratch.exists() else []
    for path in left:
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    return len(left)


@verb
def clear_unfinished_puts() -> int:
    """Removes what killed puts left in the object store a day ago or longer; returns how many."""
    return platform().objects.clear_unfinished(dt.datetime.now(dt.UTC) - _LONGEST_PUT)


@verb
def vacuum_store() -> None:
    """VACUUM and ANALYZE of every table."""
    with platform().engine.connect().execution_options(isolation_level="AUTOCOMMIT") as store:
        store.execute(text("VACUUM (ANALYZE)"))
