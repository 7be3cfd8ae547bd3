"""The store's evidence: a file a load, mapped into memory, of which only what is asked for is read.

A night's load looks for its keys among those of every form that ever came, and compares itself with few of these forms.
"""

import mmap
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.linkage.blocks import Keys, Nodes
from registry.linkage.evidence import COMPARED, EVIDENCE_SCHEMA, evidence_in

#: Columns and loads that are looked into at once: numpy and Arrow let other threads work.
AT_ONCE = 2

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
        """Maps files of `registry.linkage.evidence.write_evidence`.

        Raises:
            pa.ArrowException: one is no such file.
        """
        self._maps = [_mapped(file) for file in files]
        self._loads = [evidence_in(pa.BufferReader(pa.py_buffer(mapped))) for mapped in self._maps]

    def sharing(self, column: str, keys: Keys) -> tuple[Nodes, Keys]:
        """Forms whose key may be one of `keys` (never 0): node and key. A few hundredths more than do have one."""
        wanted = _wanted(keys)
        nodes, found = [np.zeros(0, np.int64)], [np.zeros(0, np.uint32)]
        for place, load in enumerate(self._loads if len(keys) else ()):
            # no key is 0, see registry.linkage.evidence
            key = pc.fill_null(load[column], 0).to_numpy()
            rows = np.flatnonzero(wanted.take(_told(key)))
            nodes.append(_nodes(place, rows))
            found.append(key[rows])
            self._let_go(place)
        return np.concatenate(nodes), np.concatenate(found)

    def having(self, form_ids: pa.ChunkedArray) -> pa.Array:
        """Those of some `form_id` that are among its forms."""
        wanted = _wanted(_keys_of_ids(form_ids))
        found = [pa.array([], pa.string())]
        for place, load in enumerate(self._loads):
            rows = np.flatnonzero(wanted.take(_told(_keys_of_ids(load["form_id"]))))
            found.append(load["form_id"].take(pa.array(rows)).combine_chunks())
            self._let_go(place)
        same = pa.concat_arrays(found)
        return same.filter(pc.is_in(same, form_ids.combine_chunks()))

    def founders(self, heads: pa.ChunkedArray) -> pa.Table:
        """The forms whose `form_id` begins with one of some 24 digits, `FORM_SCHEMA`."""
        nodes = [pa.array([], pa.int64())]
        for place, load in enumerate(self._loads):
            founded = pc.is_in(pc.utf8_slice_codeunits(load["form_id"], 0, 24), heads.combine_chunks())
            nodes.append(pa.array(_nodes(place, np.flatnonzero(founded))))
        return self.forms(pa.chunked_array(nodes))

    def forms(self, nodes: pa.ChunkedArray) -> pa.Table:
        """Some forms: `FORM_SCHEMA`, in the order of their nodes."""
        ordered = np.sort(nodes.to_numpy())
        bounds = np.searchsorted(ordered >> _ROW_BITS, np.arange(1, len(self._loads)))
        with ThreadPoolExecutor(AT_ONCE) as pool:
            found = list(pool.map(self._forms_of, range(len(self._loads)), np.split(ordered, bounds)))
        return pa.concat_tables([FORM_SCHEMA.empty_table(), *found])

    def _forms_of(self, place: int, nodes: Nodes) -> pa.Table:
        """Some forms of one load."""
        rows = self._loads[place].select(FORM_SCHEMA.names[2:]).take(pa.array(nodes & ((1 << _ROW_BITS) - 1)))
        self._let_go(place)
        return pa.table([nodes, np.full(len(nodes), place, np.int32), *rows.columns], schema=FORM_SCHEMA)

    def _let_go(self, place: int) -> None:
        """Takes what was read of a load off this process's account; it stays in the system's cache."""
        self._maps[place].madvise(mmap.MADV_DONTNEED)


def _mapped(file: Path) -> mmap.mmap:
    with file.open("rb") as content:
        try:
            return mmap.mmap(content.fileno(), 0, prot=mmap.PROT_READ)
        except ValueError as error:  # so Python calls that it is empty
            raise pa.ArrowInvalid("the file of evidence is empty") from error


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
