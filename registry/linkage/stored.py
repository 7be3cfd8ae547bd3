"""The store's evidence: a file a load, of which only what is asked for is read.

A night's load looks for its keys among those of every form that ever came, and compares itself with few of these forms.
A file is mapped into memory while it is looked into, and no longer: so memory does not grow with the store.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.linkage.blocks import Keys, Nodes
from registry.linkage.evidence import COMPARED, EVIDENCE_SCHEMA, read_evidence

#: Columns and loads that are looked into at once: numpy and Arrow let other threads work.
AT_ONCE = 2

Found = TypeVar("Found")

#: A form of the store is called by the place of its load among those that were read, and its row there.
_ROW_BITS = 32

#: Keys are first told apart by this many of their 32 bits: a table of 16 MiB.
_TOLD_BITS = 24
#: Knuth's multiplier for hashing 64 bits (2^64 by the golden ratio; Art of Computer Programming 6.4).
_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)

#: What is fetched of a form: its node, the place of its load, its row there, and what is compared.
FORM_SCHEMA = pa.schema(
    [
        ("node", pa.int64()),
        ("file", pa.int32()),
        *(EVIDENCE_SCHEMA.field(name) for name in ("file_no", "row_no", "form_id", *COMPARED)),
    ]
)


class StoredEvidence:
    """Evidence of the forms of merged loads."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Takes files of `registry.linkage.evidence.write_evidence`.

        Whatever asks of them raises `pa.ArrowException` where one is no such file.
        """
        self._files = files

    def sharing(self, keys: Mapping[str, Keys]) -> dict[str, tuple[Nodes, Keys]]:
        """Of each column of keys, forms whose key may be one of those given (never 0): node and key.

        A few hundredths more than do have one.
        """
        wanted = {column: _wanted(some) for column, some in keys.items() if len(some)}

        def look(place: int) -> dict[str, tuple[Nodes, Keys]]:
            load = read_evidence(self._files[place])
            return {column: _sharing(place, load[column], table) for column, table in wanted.items()}

        loads = self._of_each(look)
        nothing = [(np.zeros(0, np.int64), np.zeros(0, np.uint32))]
        return {column: joined([load[column] for load in loads if column in load] or nothing) for column in keys}

    def having(self, form_ids: pa.ChunkedArray) -> pa.Array:
        """Those of some `form_id` that are among its forms."""
        wanted = _wanted(_keys_of_ids(form_ids))

        def look(place: int) -> pa.Array:
            ids = read_evidence(self._files[place])["form_id"]
            rows = np.flatnonzero(wanted.take(_told(_keys_of_ids(ids))))
            return ids.take(pa.array(rows)).combine_chunks()

        same = pa.concat_arrays([pa.array([], pa.string()), *self._of_each(look)])
        return same.filter(pc.is_in(same, form_ids.combine_chunks()))

    def founders(self, heads: pa.ChunkedArray) -> pa.Table:
        """The forms whose `form_id` begins with one of some 24 digits, `FORM_SCHEMA`."""
        asked = heads.combine_chunks()

        def look(place: int) -> Nodes:
            ids = read_evidence(self._files[place])["form_id"]
            founded = pc.is_in(pc.utf8_slice_codeunits(ids, 0, 24), asked)
            return _nodes(place, np.flatnonzero(founded.to_numpy()))

        return self.forms(np.concatenate([np.zeros(0, np.int64), *self._of_each(look)]))

    def forms(self, nodes: Nodes) -> pa.Table:
        """Some forms: `FORM_SCHEMA`, in the order of their nodes."""
        ordered = np.sort(nodes)
        loads = np.split(ordered, np.searchsorted(ordered >> _ROW_BITS, np.arange(1, len(self._files))))

        def look(place: int) -> pa.Table:
            rows = pa.array(loads[place] & ((1 << _ROW_BITS) - 1))
            found = read_evidence(self._files[place]).select(FORM_SCHEMA.names[2:]).take(rows)
            return pa.table([loads[place], np.full(len(rows), place, np.int32), *found.columns], schema=FORM_SCHEMA)

        return pa.concat_tables([FORM_SCHEMA.empty_table(), *self._of_each(look)])

    def _of_each(self, look: Callable[[int], Found]) -> list[Found]:
        """What a function says of the place of each load."""
        with ThreadPoolExecutor(AT_ONCE) as pool:
            return list(pool.map(look, range(len(self._files))))


def joined(parts: Sequence[tuple[Nodes, Keys]]) -> tuple[Nodes, Keys]:
    """Nodes and keys that lie in several parts, at least one."""
    nodes, keys = zip(*parts, strict=True)
    return np.concatenate(nodes), np.concatenate(keys)


def _sharing(place: int, column: pa.ChunkedArray, wanted: npt.NDArray[np.bool_]) -> tuple[Nodes, Keys]:
    # no key is 0, see registry.linkage.evidence
    key = pc.fill_null(column, 0).to_numpy()
    rows = np.flatnonzero(wanted.take(_told(key)))
    return _nodes(place, rows), key[rows]


def _keys_of_ids(form_ids: pa.ChunkedArray) -> Keys:
    """A key of each `form_id`: a hash of the first 8 of its 32 digits."""
    digits = form_ids.cast(pa.binary(32)).combine_chunks()
    heads = np.frombuffer(digits.buffers()[1], dtype=np.uint64)[4 * digits.offset :][: 4 * len(digits) : 4]
    return (heads * _MULTIPLIER >> np.uint64(32)).astype(np.uint32)


def _wanted(keys: Keys) -> npt.NDArray[np.bool_]:
    wanted = np.zeros(1 << _TOLD_BITS, dtype=bool)
    wanted[_told(keys)] = True
    return wanted


def _told(keys: Keys) -> Keys:
    return keys >> np.uint32(32 - _TOLD_BITS)


def _nodes(place: int, rows: Nodes) -> Nodes:
    return (place << _ROW_BITS) + rows
