"""The store suite's frame: one row of counts, measured in SQL after the merge. All should be 0."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pyarrow as pa

from registry.errors import PlatformError

#: The counts that the store suite reads, each with what is counted.
STORE_METRICS: dict[str, str] = {
    "persons_without_form": "current persons to whom no accepted form belongs",
    "forms_without_person": "accepted forms that belong to no person and wait for no review",
    "forms_of_two_persons": "accepted forms that belong to more than one current person",
    "pids_shared_by_settled_persons": "personal numbers of more than one current person, none in review",
    "persons_without_name": "current persons of a register without a full name",
    "persons_without_birth_date": "current persons of a register without a birth date",
    "birth_dates_malformed": "current persons whose birth date is not yyyy, yyyy-mm or yyyy-mm-dd",
    "sexes_malformed": "current persons whose sex is not M or F",
    "pids_malformed": "current persons whose personal number is not 12 digits",
    "places_without_date": "commune codes of current persons without the first day of their state",
    "deaths_before_birth": "current persons whose death date is before their birth date",
    "rows_without_outcome": "rows of taken and held files without an outcome",
    "rows_of_two_outcomes": "rows with more than one outcome",
    "persons_lost": "persons of the night before that are neither current nor merged nor cancelled",
}


@dataclass(frozen=True)
class FailedRule:
    """A rule of the store suite that does not hold, and how many things break it."""

    rule: str
    severity: Literal["critical", "warning"]
    count: int


def store_frame(metrics: Mapping[str, int]) -> pa.Table:
    """The counts as the one row that the store suite runs on.

    Raises:
        PlatformError: a count is missing or unknown; a count that was not taken is never a pass.
    """
    odd = sorted(metrics.keys() ^ STORE_METRICS.keys()) + sorted(
        name for name, count in metrics.items() if not isinstance(count, int)
    )
    if odd:
        raise PlatformError(f"store suite: counts missing, unknown or not whole: {', '.join(odd)}; mend the SQL")
    return pa.table({name: pa.array([metrics[name]], pa.int64()) for name in STORE_METRICS})
