"""Communes of the 2021-11-15 state, as the sample registers use them."""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import pyarrow as pa

import config
from registry.errors import UsageError
from samples.draw import Ints

_UNITS = Path(config.__file__).parent / "places" / "units_2021-11-15.csv"


@dataclass(frozen=True)
class Places:
    """Every commune of the state, in the order of its file.

    Attributes:
        codes: 5-digit commune codes.
        provinces: for each commune the number of its province (1–96), which is also the number that stands in
            the first three digits of a personal number.
        paths: for each commune its full name and those of its district and province, e.g. `Phường An Bình`,
            `Thành phố Biên Hòa`, `Tỉnh Đồng Nai`.
    """

    codes: pa.Array
    provinces: Ints
    paths: tuple[tuple[str, str, str], ...]

    def of_province(self, province: str) -> Ints:
        """Positions of a province's communes.

        Raises:
            UsageError: no province has this code in the 2021-11-15 state.
        """
        number = int(province) if len(province) == 2 and province.isascii() and province.isdigit() else 0
        found = np.flatnonzero(self.provinces == number)
        if number == 0 or not found.size:
            message = f"No province has the code {province!r} in the 2021-11-15 state: give two digits, e.g. 75."
            raise UsageError(message)
        return found


@cache
def load() -> Places:
    """Reads the communes, once a process."""
    with _UNITS.open(encoding="utf-8", newline="") as handle:
        units = list(csv.DictReader(handle))
    provinces = {u["code"]: u["full_name"] for u in units if u["level"] == "province"}
    districts = {u["code"]: u for u in units if u["level"] == "district"}
    communes = [u for u in units if u["level"] == "commune"]
    return Places(
        codes=pa.array([u["code"] for u in communes]),
        provinces=np.array([int(districts[u["parent_code"]]["parent_code"]) for u in communes], dtype=np.int16),
        paths=tuple(
            (u["full_name"].strip(), district["full_name"], provinces[district["parent_code"]])
            for u in communes
            for district in (districts[u["parent_code"]],)
        ),
    )
