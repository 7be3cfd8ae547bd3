"""Kinds of files that senders land: registers of forms, movements, dossiers. One folder of landing each."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import pyarrow as pa

from registry import movements
from registry.cards import dossiers
from registry.forms import COLUMNS, STANDARD_SCHEMA, read_schema


@dataclass(frozen=True)
class FileKind:
    """What the rows of a file are.

    Attributes:
        name: the folder of landing: `landing/<name>/<sender>/…`.
        columns: of the contract, in its order.
        needed: columns without which a file is not of this kind.
        one_needed: one of these at least must be there.
        standard: schema of its rows once standardised.
    """

    name: str
    columns: tuple[str, ...]
    needed: tuple[str, ...]
    one_needed: tuple[str, ...]
    standard: pa.Schema

    @cached_property
    def read(self) -> pa.Schema:
        """Schema of its rows as read."""
        return read_schema(self.columns)

    @property
    def places(self) -> tuple[str, ...]:
        """Columns that hold a commune."""
        return tuple(column for column in self.columns if column.endswith("_place"))


REGISTERS = FileKind(
    "registers", COLUMNS, ("form_no", "full_name", "birth_date", "sex"), ("permanent_place", "current_place"),
    STANDARD_SCHEMA,
)  # fmt: skip
MOVEMENTS = FileKind("movements", movements.MOVEMENT_COLUMNS, movements.NEEDED_COLUMNS, (), movements.MOVEMENT_SCHEMA)
DOSSIERS = FileKind("dossiers", dossiers.DOSSIER_COLUMNS, dossiers.NEEDED_COLUMNS, (), dossiers.DOSSIER_SCHEMA)

#: By name, in the order in which a night reads them: a movement finds its person in the night of the person's form, and
#: so does a dossier.
KINDS: Mapping[str, FileKind] = {kind.name: kind for kind in (REGISTERS, MOVEMENTS, DOSSIERS)}
