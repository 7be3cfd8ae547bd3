"""Copies of the rows of a labelled table as people make them: more data of the same kind, for `benchmarks.linkage`.

    python -m benchmarks.slips DATA.csv --out FOLDER --rows 4000 --copies 1 --slips 8 --seed 4 --linked
        --leave rec_id --swap given_name,surname --swap address_1,address_2

DATA.csv has one row a person. Some of its rows, and of each some copies, go into `FOLDER/all.csv`, or with `--linked`
into `originals.csv` and `copies.csv`; rows that agree in the column `person` are one person. A slip is two columns
swapped, a value missing (one slip in ten), somebody else's value (three in twenty), or a letter that is wrong, missing,
more, or in its neighbour's place.
"""

import random
import string
from collections.abc import Sequence
from pathlib import Path

import click
import pandas as pd

Row = dict[str, str | None]

#: Of a hundred slips those that swap two columns, most of the first pair of `--swap`; that lose a value; that take
#: somebody else's.
_SWAPPED, _LOST, _TAKEN = (0.06, 0.10), 0.20, 0.35


def copied(
    draw: random.Random, row: Row, slips: int, *, others: Sequence[Row], swaps: Sequence[tuple[str, str]]
) -> Row:
    """A row as it was copied with some slips; a slip may fall on what is not there."""
    made = dict(row)
    for _ in range(slips):
        column, kind = draw.choice(list(made)), draw.random()
        value = made[column]
        swap = next((pair for pair, upto in zip(swaps, _SWAPPED, strict=False) if kind < upto), None)
        if swap:
            made[swap[0]], made[swap[1]] = made[swap[1]], made[swap[0]]
        elif kind < _LOST:
            made[column] = None
        elif kind < _TAKEN:
            made[column] = draw.choice(others)[column]
        elif value:
            made[column] = mistyped(draw, value)
    return made


def mistyped(draw: random.Random, value: str) -> str:
    """A value with one letter wrong, missing, more, or in its neighbour's place; a digit for a digit."""
    spot = draw.randrange(len(value))
    other = draw.choice(string.digits if value[spot].isdigit() else string.ascii_lowercase)
    before, after = value[:spot], value[spot + 1 :]
    return draw.choice(
        [
            before + after,
            before + other + after,
            before + other + value[spot:],
            before + after[:1] + value[spot] + after[1:],
        ]
    )


def make(
    people: Sequence[Row], *, rows: int, copies: int, slips: int, seed: int, swaps: Sequence[tuple[str, str]]
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Some of the people, and copies of them, both with the column `person`; the same for the same seed."""
    draw = random.Random(seed)
    every = list(people)
    draw.shuffle(every)
    originals, made = every[:rows], []
    for person, row in enumerate(originals):
        for _ in range(draw.randint(1, copies)):
            copy = copied(draw, row, draw.randint(1, slips), others=every, swaps=swaps)
            made.append({**copy, "person": str(person)})
    return pd.DataFrame(originals).assign(person=[str(person) for person in range(len(originals))]), pd.DataFrame(made)


def read_people(file: Path, leave: Sequence[str]) -> list[Row]:
    """The rows of a CSV file without some columns; an empty cell is None."""
    table = pd.read_csv(file, dtype=str, skipinitialspace=True)
    table.columns = pd.Index([name.strip() for name in table.columns])
    kept = table.drop(columns=list(leave)).apply(lambda column: column.str.strip())
    return [
        {str(name): value if isinstance(value, str) else None for name, value in row.items()}
        for row in kept.to_dict("records")
    ]


@click.command(help=__doc__)
@click.argument("data", type=click.Path(exists=True, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), required=True)
@click.option("--rows", type=int, required=True, help="Persons to take.")
@click.option("--copies", type=int, default=1, show_default=True, help="Most copies of a person.")
@click.option("--slips", type=int, default=5, show_default=True, help="Most slips of a copy.")
@click.option("--seed", type=int, default=1, show_default=True)
@click.option("--linked", is_flag=True, help="Originals and copies are two data sets.")
@click.option("--leave", multiple=True, help="A column that is left out.")
@click.option("--swap", multiple=True, help="Two columns that are swapped at times.")
def main(*, data: Path, out: Path, leave: Sequence[str], swap: Sequence[str], linked: bool, **asked: int) -> None:
    """Writes the data sets."""
    swaps = [(pair.split(",")[0], pair.split(",")[1]) for pair in swap]
    originals, made = make(read_people(data, leave), swaps=swaps, **asked)
    out.mkdir(parents=True, exist_ok=True)
    if linked:
        originals.to_csv(out / "originals.csv", index=False)
        made.to_csv(out / "copies.csv", index=False)
    else:
        pd.concat([originals, made]).to_csv(out / "all.csv", index=False)


if __name__ == "__main__":
    main()
