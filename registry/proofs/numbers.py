"""I2: numbers that the register gave were given once, in the range of their person, and are part of the fold."""

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from registry.allocation import PID, birth_province, stamp_base
from registry.database import load_sql
from registry.fold import connect
from registry.persons import DAY_ZERO, PERSON_SCHEMA
from registry.places import Gazetteer
from registry.proofs.breach import Proof
from registry.resolution import key_of


def prove_numbers(proof: Proof, *, standards: Mapping[int, Path], gazetteer: Gazetteer, folder: Path) -> None:
    """Proves the numbers that the register gave: none twice, each in the range that its person's forms say.

    Args:
        proof: with the schemas `store` and `archive`.
        standards: load_no → its archived forms.
        gazetteer: of all states.
        folder: scratch, with `member.parquet` and `allocated.parquet`.
    """
    proof.check_query("I2", load_sql("verify", "i2_numbers").replace("{number_key}", key_of("number")))
    counted = proof.local.execute("SELECT count(*) FROM archive.allocated").fetchall()
    if not counted[0][0] or not standards:
        return
    proof.counts["numbers given"] = counted[0][0]
    with connect(spill=str(folder)) as local:
        paths = [str(path) for path in standards.values()]
        local.register("loads", pa.table({"path": paths, "load_no": list(standards)}))
        local.execute(load_sql("verify", "create_said").format(paths=paths, folder=folder))
        places = local.execute("SELECT DISTINCT place, place_from FROM said WHERE place IS NOT NULL").fetchall()
        digits = [birth_province(gazetteer, code, valid_from) for code, valid_from in places]
        schema = pa.schema([("place", pa.string()), ("place_from", pa.date32()), ("digits", pa.string())])
        columns = [[code for code, _ in places], [valid_from for _, valid_from in places], digits]
        local.register("birth_province", pa.table(columns, schema=schema))
        wrong = local.execute(load_sql("verify", "wrong_prefixes")).fetchall()
    for prefix, count in wrong:
        proof.add("I2", f"allocated_number, range {prefix}", f"{count} numbers begin as no form of their person says")


def allocated_persons(folder: Path) -> str:
    """SQL that gives every number in `<folder>/allocated.parquet` as a person (`PERSON_SCHEMA`) who has nothing else.

    So it joins the fold of that person's forms, where a number that a form states comes before it.
    """
    days = f"((business_date - DATE '{DAY_ZERO}')::BIGINT << {PID.shift('day')})"
    filled = {
        "person_id": "person_id",
        "pid": "number",
        "pid_stamp": f"{stamp_base(DAY_ZERO)} + {days} + number::BIGINT",
        "conflicts": "0::SMALLINT",
    }
    return (
        f"SELECT {', '.join(f'{filled.get(field.name, _nothing(field))} AS {field.name}' for field in PERSON_SCHEMA)}"
        f" FROM read_parquet('{folder}/allocated.parquet')"
    )


def _nothing(field: pa.Field) -> str:
    kinds = {pa.int64(): "BIGINT", pa.date32(): "DATE"}
    return f"NULL::{kinds.get(field.type, 'VARCHAR')}"
