"""What was taken of the body: photos, fingerprints and irises in the object store, held against what dossiers say.

One request an object, many side by side: a store elsewhere answers each in its own time. Nothing is listed: a listing
grows with all the photos that there are, the night with its own.
"""

import hashlib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from typing import Any

import duckdb
import pyarrow as pa

from registry.cards import images
from registry.cards.dossiers import BIOMETRICS, TAKEN
from registry.objects import ObjectMissing, Objects, ObjectTooLarge, bad_key, is_partial_name
from registry.writing import TEXT

#: `dancu put` lands everything below this.
LANDED = "landing/"

#: Objects read side by side; each is in memory while it is read.
_READERS = 16
#: Landed objects given to the threads at once: of a first filling there are many.
_AT_ONCE = 10_000

#: What was found under each key; `size` is null where there is nothing. `fault`: why it is no picture that can be
#: printed, of `registry.cards.images.REASONS`; empty for one that is. An object that is too large is not read.
OBJECT_SCHEMA = pa.schema(
    [
        ("key", TEXT),
        ("size", pa.int64()),
        ("sha256", TEXT),
        ("fault", TEXT),
    ]
)


def settle(objects: Objects) -> dict[str, int]:
    """Moves what landed, `landing/biometrics/…`, to where dossiers name it, `biometrics/…`; may be run again.

    What lies there already is never replaced: a dossier that was taken names it by its SHA-256. The same bytes landed
    again are let go; other bytes under a key that is taken stay in landing, and so does what is still being written.

    Returns:
        `moved` and `left_lying`.
    """
    landed, settled = objects.list(f"{LANDED}{BIOMETRICS}"), Counter[bool]()
    with ThreadPoolExecutor(_READERS) as pool:
        while some := list(islice(landed, _AT_ONCE)):
            settled.update(pool.map(lambda info: _settle(objects, info.key), some))
    return {"moved": settled[True], "left_lying": settled[False]}


def _settle(objects: Objects, key: str) -> bool:
    """Whether what landed under a key is where it belongs."""
    if is_partial_name(key.rpartition("/")[2]) or objects.being_written(key):
        return False
    to = key.removeprefix(LANDED)
    if objects.move(key, to):
        return True
    if objects.fetch(key, None) != objects.fetch(to, None):
        return False
    objects.delete(key)
    return True


def look_at(objects: Objects, local: duckdb.DuckDBPyConnection, *, standard: str) -> None:
    """Creates the table `object` (OBJECT_SCHEMA): what lies under the keys that a load's dossiers name.

    Args:
        objects: the object store.
        local: where the table is made.
        standard: a relation of `registry.cards.dossiers.DOSSIER_SCHEMA`.

    A key that is not below `biometrics/`, or can name no object, is not looked at.
    """
    named = " UNION ".join(f"SELECT {column} AS key FROM {standard}" for column in TAKEN)
    found = local.execute(f"SELECT key FROM ({named}) WHERE starts_with(key, '{BIOMETRICS}')").fetchall()
    keys = [key for (key,) in found if not bad_key(key)]
    with ThreadPoolExecutor(_READERS) as pool:
        rows = list(pool.map(lambda key: _look(objects, key), keys))
    create_objects(local, pa.Table.from_pylist(rows, schema=OBJECT_SCHEMA))


def create_objects(local: duckdb.DuckDBPyConnection, rows: pa.Table) -> None:
    """Creates the table `object` with rows of OBJECT_SCHEMA."""
    local.register("given", rows)
    local.execute("CREATE TABLE object AS FROM given")
    local.unregister("given")


def _look(objects: Objects, key: str) -> dict[str, Any]:
    try:
        content = objects.read_bytes(key, at_most=images.MOST_BYTES)
    except ObjectMissing:
        return {"key": key}
    except ObjectTooLarge:
        return {"key": key, "size": images.MOST_BYTES + 1, "fault": "too-many-bytes"}
    fault = images.look_at(content[: images.HEAD_BYTES], len(content)).reason
    return {"key": key, "size": len(content), "sha256": hashlib.sha256(content).hexdigest(), "fault": fault}
