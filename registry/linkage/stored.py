"""The store's evidence: a file a load, mapped into memory, of which only what is asked for is read.

A night's load looks for its keys among those of every form that ever came, and compares itself with few of these forms.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.linkage.evidence import COMPARED, EVIDENCE_SCHEMA, read_evidence

#: A form of the store is called by the place of its load among those that were read, and its row there.
_ROW_BITS = 32

#: Keys are first told apart by this many of their 32 bits: a table of 8 MiB, which a processor's cache holds.
_TOLD_BITS = 23

SHARING_SCHEMA = pa.schema([("node", pa.int64()), ("key", pa.uint32())])
#: What is fetched of a form: its node, the place of its load, its row there, and what is compared.
FORM_SCHEMA = pa.schema(
    [
        ("node", pa.int64()),
        ("file", pa.int32()),
        *(EVIDENCE_SCHEMA.field(name) for name in ("file_no", "row_no", "form_id", *COMPARED)),
    ]
)

_Rows = npt.NDArray[np.int64]


class StoredEvidence:
    """Evidence of the forms of merged loads."""

    def __init__(self, files: Sequence[Path]) -> None:
        """Maps files of `registry.linkage.evidence.write_evidence`."""
        self._loads = [read_evidence(file) for file in files]

    def sharing(self, column: str, keys: pa.ChunkedArray) -> pa.Table:
        """Forms whose key may be one of `keys` (not null): `SHARING_SCHEMA`. A few hundredths more than do have one."""
        wanted = np.zeros(1 << _TOLD_BITS, dtype=bool)
        wanted[_told(keys.to_numpy())] = True
        found = [SHARING_SCHEMA.empty_table()]
        for place, load in enumerate(self._loads):
            # no key is 0, see registry.linkage.evidence
            key = pc.fill_null(load[column], 0).to_numpy()
            rows = np.flatnonzero(wanted[_told(key)])
            found.append(pa.table([_nodes(place, rows), key[rows]], schema=SHARING_SCHEMA))
        return pa.concat_tables(found)

    def founders(self, heads: pa.ChunkedArray) -> pa.Table:
        """The forms whose `form_id` begins with one of some 24 digits, `FORM_SCHEMA`."""
        nodes = [pa.array([], pa.int64())]
        for place, load in enumerate(self._loads):
            founded = pc.is_in(pc.utf8_slice_codeunits(load["form_id"], 0, 24), heads.combine_chunks())
            nodes.append(pa.array(_nodes(place, np.flatnonzero(founded))))
        return self.forms(pa.chunked_array(nodes))

    def forms(self, nodes: pa.ChunkedArray) -> pa.Table:
        """Some forms: `FORM_SCHEMA`, in the order of their nodes."""
        return pa.concat_tables([FORM_SCHEMA.empty_table(), *self._forms(np.sort(nodes.to_numpy()))])

    def _forms(self, nodes: _Rows) -> Iterator[pa.Table]:
        columns = FORM_SCHEMA.names[2:]
        bounds = np.searchsorted(nodes >> _ROW_BITS, np.arange(len(self._loads) + 1))
        for place, load in enumerate(self._loads):
            these = nodes[bounds[place] : bounds[place + 1]]
            rows = load.select(columns).take(pa.array(these & ((1 << _ROW_BITS) - 1)))
            yield pa.table([these, np.full(len(these), place, np.int32), *rows.columns], schema=FORM_SCHEMA)


def _told(keys: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
    return keys >> np.uint32(32 - _TOLD_BITS)


def _nodes(place: int, rows: _Rows) -> _Rows:
    return (place << _ROW_BITS) + rows
