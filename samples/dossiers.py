"""Dossiers of some of the persons whose forms a chunk sends, with their photos, and what must become of each."""

import datetime as dt
import hashlib
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from samples import people
from samples.cells import Cells, digits
from samples.draw import Flags, Ints, chance, stream
from samples.forms import NOWHERE, Campaign, Forms, keys_of_movers
from samples.layout import Chunk
from samples.numbers import NO_NUMBER
from samples.photos import photo
from samples.slips import Slips

DOSSIERS = 8

HEADER = b"station,dossier_no,person_key,slip,outcome\n"

#: Slip → share of the dossiers with a slip.
SLIPS: dict[str, float] = {"wrong_hash": 0.25, "photo_missing": 0.25, "name_differs": 0.25, "second_dossier": 0.25}
_SLIP_SHARE = 0.04

_OF_AGE = 14
_AGES = np.array([14, 25, 40, 60])
_EARLY = 2
_LATEST_DAYS = 20
_COMPANIES = ("Công ty May Thử Một", "Công ty Giày Thử Hai", "Công ty Điện tử Thử Ba", "Khu nhà trọ Thử Bốn")
_MODES = ("station", "station", "commune_visit", "commune_visit", "company_visit", "home")
_HANOI = dt.timezone(dt.timedelta(hours=7))


@dataclass(frozen=True)
class Capture:
    """What a chunk's dossiers are made of.

    Attributes:
        out: the folder of the run: `dossiers/` and `biometrics/` are below it.
        station: the commune's code.
        chunk: the chunk.
        campaign: of the run.
        share: of those who may have a card.
    """

    out: Path
    station: str
    chunk: Chunk
    campaign: Campaign
    share: float

    @property
    def path(self) -> Path:
        """Where the chunk's dossiers go."""
        return self.out / "dossiers" / self.station / f"dossiers-{self.station}-{self.chunk.part + 1:03d}.jsonl"


@dataclass(frozen=True)
class Captured:
    """How many dossiers were written, and their truth: lines of the columns in `HEADER`."""

    dossiers: int
    truth: bytes


def write_dossiers(capture: Capture, forms: Forms, cells: Cells, *, sound: Flags, slips: Slips) -> Captured:
    """Writes dossiers for a share of those whose form is as it should be, and their photos.

    Args:
        capture: where they go, and how many they are.
        forms: the chunk's forms.
        cells: the same as text.
        sound: forms that are taken as they stand.
        slips: what went wrong on the forms.
    """
    rng = stream(capture.campaign.seed, capture.campaign.province, DOSSIERS, capture.chunk.number)
    day = np.maximum(forms.declared, capture.campaign.last_day - rng.integers(0, _LATEST_DAYS, len(forms)))
    age = _years(forms.persons.birth, day)
    temporary = forms.temporary != NOWHERE
    # Who moves has two forms: the one that says where the person lodges makes the dossier.
    stays = ~np.isin(forms.persons.key, keys_of_movers(capture.chunk, capture.campaign))
    may = sound & (slips.first == 0) & (stays | temporary) & (age >= _OF_AGE) & (forms.permanent != NOWHERE)
    may &= (forms.persons.pid != NO_NUMBER) & (forms.persons.birth_known == people.FULL)
    may &= forms.persons.death == people.NO_DAY
    rows = np.flatnonzero(may & chance(rng, capture.share, len(forms)))
    if not rows.size:
        return Captured(0, b"")
    names = cells["full_name"].take(pa.array(rows))
    made = list(_dossiers(capture, rng, _Holders(forms.take(rows), names, capture.chunk.first + rows + 1, day[rows])))
    lines = [f"{json.dumps(row, ensure_ascii=False)}\n".encode() for row, _, _ in made]
    _write(capture, lines)
    photos = capture.out / "biometrics" / capture.station
    photos.mkdir(parents=True, exist_ok=True)
    for row, _, slip in made:
        if slip != "photo_missing":
            (photos / f"{row['dossier_no']}.jpg").write_bytes(photo(row["dossier_no"]))
    told = (
        f"{capture.station},{row['dossier_no']},{key},{slip},{_outcome(slip, row['applicant'])}\n"
        for row, key, slip in made
    )
    return Captured(len(made), "".join(told).encode())


def _outcome(slip: str, applicant: str) -> str:
    """Of those who moved, what the store says depends on two forms: nobody knows here."""
    if slip:
        return "quarantined"
    return "" if applicant == "temporary" else "accepted"


def _years(birth: Ints, day: Ints) -> Ints:
    """Whole years from one day to another, both days since 1900-01-01."""
    born, then = people.EPOCH + birth, people.EPOCH + day
    months = then.astype("datetime64[M]").astype(int) - born.astype("datetime64[M]").astype(int)
    in_month = [(days - days.astype("datetime64[M]")).astype(int) for days in (born, then)]
    years: Ints = (months - (in_month[1] < in_month[0])) // 12
    return years


@dataclass(frozen=True)
class _Holders:
    """Who is to get a card: the forms, names as written there, a number each, days of capture."""

    forms: Forms
    names: pa.Array
    serials: Ints
    days: Ints


def _dossiers(
    capture: Capture, rng: np.random.Generator, holders: _Holders
) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Each dossier with the person's key and its slip; a second one follows the first."""
    forms, persons, codes = holders.forms, holders.forms.persons, capture.campaign.places.codes
    count = len(forms)
    midnight = (people.EPOCH + holders.days).astype("datetime64[m]")
    columns: dict[str, list[Any]] = {
        "number": [f"{capture.station}-HS{serial:07d}" for serial in holders.serials.tolist()],
        "key": digits(persons.key, 15).to_pylist(),
        "pid": digits(persons.pid, 12).to_pylist(),
        "name": holders.names.to_pylist(),
        "birth": (people.EPOCH + persons.birth).astype(str).tolist(),
        "sex": np.where(persons.male, "Nam", "Nữ").tolist(),
        "origin": codes.take(pa.array(persons.origin)).to_pylist(),
        "permanent": codes.take(pa.array(forms.permanent)).to_pylist(),
        "temporary": codes.take(pa.array(forms.temporary, mask=forms.temporary == NOWHERE)).to_pylist(),
        "at": (midnight + rng.integers(480, 1020, count)).astype(str).tolist(),
        "mode": [_MODES[at] for at in rng.integers(0, len(_MODES), count)],
        "company": [_COMPANIES[at] for at in rng.integers(0, len(_COMPANIES), count)],
        "reason": _reasons(rng, _years(persons.birth, holders.days)),
        "slip": _slips(rng, count),
    }
    for values in zip(*columns.values(), strict=True):
        one = dict(zip(columns, values, strict=True))
        slip = one["slip"] if one["slip"] != "second_dossier" else ""
        row = _row(capture.station, one, one["number"], slip)
        yield row, one["key"], slip
        if one["slip"] == "second_dossier":
            later = dt.datetime.fromisoformat(row["captured_at"]) + dt.timedelta(minutes=10)
            again = _row(capture.station, one, f"{one['number']}-2", "")
            yield {**again, "captured_at": later.isoformat()}, one["key"], "second_dossier"


def _row(station: str, one: dict[str, Any], number: str, slip: str) -> dict[str, Any]:
    row = {
        "dossier_no": number,
        "pid": one["pid"],
        "captured_at": f"{one['at']}:00+07:00",
        "mode": one["mode"],
        "applicant": "temporary" if one["temporary"] else "permanent",
        "reason": one["reason"],
        "company": one["company"] if one["mode"] == "company_visit" else None,
        "full_name": f"{one['name']} Khác" if slip == "name_differs" else one["name"],
        "birth_date": one["birth"],
        "sex": one["sex"],
        "nationality": "Việt Nam",
        "origin_place": one["origin"],
        "permanent_place": one["permanent"],
        "temporary_place": one["temporary"],
        "photo": f"biometrics/{station}/{number}.jpg",
        "photo_sha256": hashlib.sha256(photo(f"not {number}" if slip == "wrong_hash" else number)).hexdigest(),
    }
    return {column: cell for column, cell in row.items() if cell is not None}


def _reasons(rng: np.random.Generator, age: Ints) -> list[str]:
    """Most have their first card of this kind; some renew one at the age that they are nearest to."""
    draw = rng.random(len(age))
    reached = _AGES[np.searchsorted(_AGES - _EARLY, age, side="right") - 1]
    return [
        "first" if part < 0.8 else f"age_{years}" if part < 0.95 else "lost"
        for part, years in zip(draw.tolist(), reached.tolist(), strict=True)
    ]


def _slips(rng: np.random.Generator, dossiers: int) -> list[str]:
    drawn = rng.choice(list(SLIPS), dossiers, p=list(SLIPS.values()))
    return [str(slip) for slip in np.where(chance(rng, _SLIP_SHARE, dossiers), drawn, "")]


def _write(capture: Capture, lines: list[bytes]) -> None:
    path, content = capture.path, b"".join(lines)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    sent = (people.EPOCH + capture.campaign.last_day).astype(dt.date)
    sidecar = {
        "rows": len(lines),
        "sha256": hashlib.sha256(content).hexdigest(),
        "sent_at": dt.datetime.combine(sent, dt.time(18, 0), tzinfo=_HANOI).isoformat(),
    }
    path.with_name(f"{path.name}.manifest.json").write_text(json.dumps(sidecar) + "\n", encoding="utf-8")
