"""Corrections that movements state of persons: does what they correct stand there?

A correction names the value that it takes the place of. It is in conflict when that is not what the person's forms say
without its own row, and without rows that were stated after it (of one day: whose form id is greater). So it depends on
the forms alone and on no order in which they came. Names are compared by their legal text, communes by the
units of today. An agency's verified decision on the same group settles it, as it settles sources that disagree.
"""

import duckdb
import pyarrow as pa

from registry.database import load_sql
from registry.fold import fold_forms, keep
from registry.forms import NAMES, PLACES
from registry.linkage.evidence import create_places
from registry.movements import GROUP_OF
from registry.names import one_name
from registry.persons import DAY_ZERO, DECIDED_TRUST, GROUPS, PART_BITS
from registry.places import Gazetteer

#: What is said of a correction: its form, its person, the group of columns (see `registry.persons`) that it corrects,
#: and whether what it corrects stands there. No value.
CORRECTION_SCHEMA = pa.schema(
    [
        ("form_id", pa.large_string()),
        ("person_id", pa.large_string()),
        ("field_group", pa.large_string()),
        ("in_conflict", pa.bool_()),
    ]
)


def create_corrections(local: duckdb.DuckDBPyConnection, gazetteer: Gazetteer, *, forms: str = "archived_form") -> None:
    """Creates the table `judged_correction` (`CORRECTION_SCHEMA`): all corrections of some persons.

    Args:
        local: with the relation `forms`.
        gazetteer: of all states.
        forms: all forms of these persons, with person_id, trust and `registry.archived.archived_columns`.
    """
    local.execute(load_sql("correct", "create_correction").format(forms=forms))
    if not local.execute("SELECT EXISTS (FROM stated_correction)").fetchall()[0][0]:
        keep(local, "judged_correction", CORRECTION_SCHEMA.empty_table())
        return
    local.execute(load_sql("correct", "create_with_correction").format(forms=forms))
    local.execute(load_sql("correct", "create_before").format(day_zero=DAY_ZERO))
    create_places(local, gazetteer)
    _create_places_meant(local, gazetteer)
    local.execute(
        load_sql("correct", "create_judged").format(
            before=fold_forms(forms="form_before"),
            today=fold_forms(forms="form_with_correction"),
            stood=_of_field({column: column for column in GROUP_OF}),
            stood_from=_of_field({place: f"{place}_from" for place in PLACES}),
            names=_texts(NAMES),
            places=_texts(PLACES),
            one_name=one_name("stood"),
            one_name_corrected=one_name("corrected_from"),
            decided=_decided(),
        )
    )


def _of_field(columns: dict[str, str]) -> str:
    """SQL: the value of the column that `field` names."""
    cases = " ".join(f"WHEN '{field}' THEN b.{column}" for field, column in columns.items())
    return f"CASE c.field {cases} END"


def _texts(values: tuple[str, ...]) -> str:
    return ", ".join(f"'{value}'" for value in values)


def _decided() -> str:
    """SQL: what holds today of the corrected group is an agency's verified decision."""
    mask = (1 << PART_BITS["trust"]) - 1
    trusts = " ".join(
        f"WHEN '{group.name}' THEN (t.{group.stamp} >> {group.shift('trust')}) & {mask}" for group in GROUPS
    )
    return f"coalesce(CASE c.field_group {trusts} END, 0) >= {DECIDED_TRUST}"


def _create_places_meant(local: duckdb.DuckDBPyConnection, gazetteer: Gazetteer) -> None:
    """Creates `place_meant`: code, day, and today's code of each commune that a correction names as the old one."""
    rows = local.execute(
        f"SELECT DISTINCT corrected_from, day FROM stated_correction WHERE field IN ({_texts(PLACES)})"
        " AND corrected_from IS NOT NULL AND day IS NOT NULL"
    ).fetchall()
    codes, days = ([row[spot] for row in rows] for spot in (0, 1))
    todays = [gazetteer.today(code, day) for code, day in rows]
    local.register(
        "meant",
        pa.table(
            {
                "code": pa.array(codes, pa.string()),
                "day": pa.array(days, pa.date32()),
                "today": pa.array(todays, pa.string()),
            }
        ),
    )
    local.execute("CREATE OR REPLACE TEMP TABLE place_meant AS FROM meant")
    local.unregister("meant")
