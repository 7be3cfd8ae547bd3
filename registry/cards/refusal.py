"""What stops a batch of cards: a row that cannot be printed as it is. Never with a value in the text."""

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from registry.errors import PlatformError


def refuse_rows(bad: NDArray[np.bool_] | pa.Array, what: str) -> None:
    """Stops where rows are bad: the checks of dossiers hold such rows back, so one that came here is our fault.

    Args:
        bad: one flag a row; null counts as bad.
        what: what is wrong with them, without a value.

    Raises:
        PlatformError: a row is bad; the text has their number and the position of the first, from 0.
    """
    flags = np.asarray(bad.fill_null(fill_value=True)) if isinstance(bad, pa.Array) else bad
    rows = np.flatnonzero(flags)
    if len(rows):
        raise PlatformError(
            f"{len(rows)} of {len(flags)} cards cannot be printed: {what} (row {rows[0]} first, counted from 0). "
            "The checks of dossiers should have sent them back to their stations: the operator acts"
        )
