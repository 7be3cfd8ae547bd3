"""Hash totals: one number over the dossiers of a file, in whatever order, that both sides can add up."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

#: What a dossier's id looks like on the wire.
DOSSIER = r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"

#: Characters of an id, and where the hex digits of its first eight bytes stand among them.
_LENGTH = 36
_DIGITS = [place for place in range(18) if place not in (8, 13)]


def hash_total(dossiers: pa.ChunkedArray) -> str:
    """The sum of the first 8 bytes (big-endian) of each dossier's id, modulo 2^64, in decimal digits.

    Args:
        dossiers: ids as text, lower case with hyphens; none is null.
    """
    ids = pc.cast(pc.cast(dossiers, pa.binary()), pa.binary(_LENGTH)).combine_chunks()
    letters = np.frombuffer(ids.buffers()[1] or b"", dtype=np.uint8).reshape(-1, _LENGTH)
    letters = letters[ids.offset : ids.offset + len(ids)]
    digits = letters[:, _DIGITS].tobytes().decode("ascii")
    return str(np.frombuffer(bytes.fromhex(digits), dtype=">u8").sum(dtype=np.uint64))
