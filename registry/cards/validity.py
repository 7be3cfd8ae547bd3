"""How long a card is good for.

Law on Identification 26/2023/QH15 art. 21: a card is replaced at 14, 25, 40 and 60; one that was issued within the two
years before such an age is good until the next one. Law on Citizen Identification 59/2014/QH13 art. 21 says the same
of 25, 40 and 60, and knows no card of anybody under 14: so one rule is for both layouts.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from registry.cards.refusal import refuse_rows

#: The ages at which a card is replaced.
AGES = (14, 25, 40, 60)
#: A card issued in so many years before such an age is good until the next one.
CARRY_OVER = 2

Days = NDArray[np.datetime64]


def expires_on(births: pa.Array, issued_on: pa.Array) -> pa.Array:
    """Returns the day from which each card has to be replaced, as date32; null where it is good for life.

    The day is that on which the holder reaches the age. Of one born on 29 February it is 28 February in other years
    (Civil Code 91/2015/QH13 art. 148: where a month lacks the day, the term ends on its last day). The two years before
    an age begin on the same day two years earlier, that day included.

    Args:
        births: date32.
        issued_on: date32, not before the birth.

    Raises:
        PlatformError: a day is missing, or a card was issued before the birth.
    """
    refuse_rows(pc.is_null(births), "the birth date is not known to the day")
    refuse_rows(pc.is_null(issued_on), "there is no day of issue")
    distinct = births.dictionary_encode()
    born, holders = _days(distinct.dictionary), np.asarray(distinct.indices)
    issued = _days(issued_on)
    refuse_rows(issued < born[holders], "the card was issued before the birth")
    ends = np.full(len(issued), np.datetime64("NaT"), "datetime64[D]")
    for age in reversed(AGES):
        reached = _years_on(born, age)
        last_start = _years_on(reached, -CARRY_OVER)
        ends = np.where(issued < last_start[holders], reached[holders], ends)
    return pa.array(ends, pa.date32())


def _days(days: pa.Array) -> Days:
    return np.asarray(days).astype("datetime64[D]")


def _years_on(days: Days, years: int) -> Days:
    """The same day so many years later; the last day of the month where it has no such day."""
    months = days.astype("datetime64[M]")
    then = months + np.timedelta64(12 * years, "M")
    first, last = then.astype("datetime64[D]"), (then + 1).astype("datetime64[D]") - 1
    same: Days = np.minimum(first + (days - months.astype("datetime64[D]")), last)
    return same
