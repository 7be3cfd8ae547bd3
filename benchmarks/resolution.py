"""How fast a night finds its persons in a large store, beside plain Splink that finds doubles in the night alone.

`python -m benchmarks.resolution --rows 3100000 --store 10000000 --json`. The night is made-up registers of a province,
cut into loads as every night is. Measured is `tasks.resolve.resolve_load`, load after load, on a real store, and before
it the making of evidence; then the same against a store of twice the size. The store holds, as judgements and evidence
without persons, older forms of a share of the same people at other homes, and others made of them by changed names,
numbers and parents: as many as the night has in its own province, and as many in each of other parts of the country.
The peer trains, predicts and clusters; a second one links the night to the store and leaves the night's own doubles.
"""

import argparse
import json
import logging
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

import duckdb
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import DamerauLevenshteinAtThresholds, DateOfBirthComparison, ExactMatch, NameComparison
from sqlalchemy import Connection, text

from benchmarks.measure import measure, show
from registry.bulk import copy_in
from registry.database import migrate
from registry.fold import connect
from registry.forms import PLACES, STANDARD_SCHEMA
from registry.hashes import key_of
from registry.linkage.evidence import create_evidence, create_places, read_every_evidence, write_evidence
from registry.objects import put_folder
from samples.generate import generate
from tasks.platform import EVIDENCE, Platform, platform
from tasks.read import read
from tasks.receive import receive_files
from tasks.resolve import merged_loads, resolve_load
from tasks.standardise import standardise
from tasks.validate import validate

NIGHT = date(2021, 6, 30)
MEMORY = "6GB"
#: Of this share of the night's forms the store has an older one, %.
KNOWN = 30
#: Communes, in the order of their codes, between the home of a form and that of the one that is made of it.
_APART = 1_400
_MEMBER = key_of("coalesce(name_key, '')", "coalesce(birth, '')")
_NAMES = ("full_name", "full_name_key")
#: Of a form's standard values those that evidence is made of are among these.
_STANDARD = [name for name in STANDARD_SCHEMA.names if not name.endswith("_raw") or name.removesuffix("_raw") in PLACES]
_PARENTS = ("father_name", "father_name_key", "mother_name", "mother_name_key", "permanent_address")

#: What the resolver reads of a judgement.
_JUDGEMENT = (
    "form_id", "judged_no", "person_id", "rule", "file_id", "row_no", "load_no", "number", "number_holds",
    "known_number", "name", "register", "member",
)  # fmt: skip


# -- the night and the store ------------------------------------------------------------------------------


def make_night(folder: Path, rows: int) -> None:
    """Lands registers, and brings their loads up to where they are resolved."""
    place = platform()
    migrate(place.engine)
    generate(folder / "made", forms=rows, province="79", date=NIGHT)
    put_folder(folder / "made", place.objects)
    for load_id in receive_files(place, date=NIGHT):
        for step in (read, standardise, validate):
            step.fn(load_id)


def fill_store(half: int, store: int) -> None:
    """Adds `store` forms, a load of them for each of the night's, and again, until there are enough."""
    place, copy = platform(), 0
    with place.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        while store > 0:
            for folder in _loads(place):
                if store > 0:
                    store -= _add_load(place, connection, folder, seed=2 * copy + half, most=store)
            copy += 1
        connection.exec_driver_sql("VACUUM ANALYZE judgement")


def _loads(place: Platform) -> list[Path]:
    return sorted(path.parent for path in place.settings.scratch.glob("*/load.json"))


def _add_load(place: Platform, store: Connection, folder: Path, *, seed: int, most: int) -> int:
    """Adds a load made of one of the night's; returns its number of forms."""
    load_id = f"{seed:04d}{folder.name[4:]}"
    with connect(memory=MEMORY) as local, tempfile.TemporaryDirectory() as scratch:
        create_places(local, place.reference.gazetteer)
        _make_forms(local, folder / "standard.parquet", load_id=load_id, seed=seed, most=most)
        create_evidence(local, forms="made", model=place.linkage_model)
        write_evidence(local, Path(scratch, EVIDENCE))
        place.objects.put(f"archive/forms/{load_id}/{EVIDENCE}", Path(scratch, EVIDENCE))
        load_no = _note_load(store, load_id)
        made = local.execute(
            "SELECT form_id, 0 AS judged_no, '20200101' || left(form_id, 24) AS person_id, 'first' AS rule,"
            f" 0 AS file_id, row_no, {load_no} AS load_no, try_cast(pid AS BIGINT) AS number, true AS number_holds,"
            f" NULL::BIGINT AS known_number, {key_of('name_key')} AS name, NULL::BIGINT AS register,"
            f" {_MEMBER} AS member FROM evidence ORDER BY form_id"
        ).to_arrow_table()
    return copy_in(store, "judgement", _JUDGEMENT, made)


def _make_forms(local: duckdb.DuckDBPyConnection, standard: Path, *, load_id: str, seed: int, most: int) -> None:
    """Creates `made`: the night's forms with others' names, parents, numbers and homes, but for those known already.

    The first of them live in the night's province, those of each further `seed` in communes of their own elsewhere.
    """
    columns = ", ".join(_STANDARD)
    local.execute(
        f"CREATE TEMP TABLE load AS SELECT row_number() OVER (ORDER BY file_no, row_no) - 1 AS i, {columns}"
        f" FROM read_parquet('{standard}') WHERE full_name IS NOT NULL AND birth_date IS NOT NULL"
        " QUALIFY row_number() OVER (PARTITION BY form_id) = 1"
    )
    count = local.execute("SELECT count(*) FROM load").fetchall()[0][0]
    known, step = f"(f.i % 100 < {KNOWN if seed == 0 else 0})", 1009 * (seed + 1)
    others = {column: _name_of_three(column) for column in _NAMES} | {column: f"h.{column}" for column in _PARENTS[:-1]}
    other = ", ".join(
        f"CASE WHEN {known} THEN f.{column} ELSE {value} END AS {column}" for column, value in others.items()
    )
    _create_moved(local, seed)
    places = "".join(
        f", coalesce({place}_moved.other, f.{place}) AS {place},"
        f" coalesce({place}_moved.other_from, f.{place}_from) AS {place}_from"
        for place in PLACES
    )
    moves = "".join(f" LEFT JOIN moved AS {place}_moved ON {place}_moved.code = f.{place}" for place in PLACES)
    number = f"left(f.pid, 6) || lpad(((f.pid[7:12]::INT + {step * 7}) % 1000000)::VARCHAR, 6, '0')"
    local.execute(
        "CREATE TEMP TABLE made AS"
        f" SELECT f.* EXCLUDE (i) REPLACE (md5(concat(f.form_id, '{load_id}')) AS form_id, {other},"
        f" CASE WHEN {known} OR NOT regexp_full_match(f.pid, '[0-9]{{12}}') THEN f.pid ELSE {number} END AS pid,"
        f" CASE WHEN {known} THEN f.cmnd_no END AS cmnd_no, concat(f.household_no, '{seed}') AS household_no,"
        f" h.permanent_address AS permanent_address, g.spouse_name AS spouse_name, g.phone AS phone{places})"
        f" FROM load AS f JOIN load AS g ON g.i = (f.i + {step}) % {count}"
        f" JOIN load AS h ON h.i = (f.i + 3 * {step}) % {count}"
        f" JOIN load AS k ON k.i = (f.i + 5 * {step}) % {count}{moves} WHERE f.i < {most}"
    )


def _create_moved(local: duckdb.DuckDBPyConnection, seed: int) -> None:
    """Creates `moved`: code of a commune, and code and first day of that to which its people move."""
    local.execute(
        "CREATE TEMP TABLE commune AS SELECT code, max(valid_from) AS valid_from,"
        " row_number() OVER (ORDER BY code) - 1 AS spot, count(*) OVER () AS every FROM place_today GROUP BY code"
    )
    local.execute(
        "CREATE TEMP TABLE moved AS SELECT c.code, o.code AS other, o.valid_from AS other_from FROM commune AS c"
        f" JOIN commune AS o ON {seed} > 0 AND o.spot = (c.spot + {_APART * seed}) % c.every"
    )


def _name_of_three(column: str) -> str:
    """Surname, middle and given name of three people: names taken over whole would make rare ones common."""
    between = f"nullif(array_to_string(string_split(h.{column}, ' ')[2:-2], ' '), '')"
    return f"concat_ws(' ', split_part(g.{column}, ' ', 1), {between}, split_part(k.{column}, ' ', -1))"


def _note_load(store: Connection, load_id: str) -> int:
    """A row of the ledger; its number."""
    statement = (
        "INSERT INTO load (load_id, business_date, province, validation) VALUES (:id, :date, '79', '{}')"
        " RETURNING load_no"
    )
    return int(store.execute(text(statement), {"id": load_id, "date": NIGHT}).scalar_one())


# -- what is measured -------------------------------------------------------------------------------------


def make_evidence() -> dict[str, float]:
    """Makes the evidence of every load, as the night does while it validates."""
    place, seconds = platform(), 0.0
    for folder in _loads(place):
        with connect(memory=MEMORY) as local:
            create_places(local, place.reference.gazetteer)
            local.execute(
                f"CREATE TEMP VIEW accepted AS FROM read_parquet('{folder}/standard.parquet')"
                f" SEMI JOIN (FROM read_parquet('{folder}/row.parquet') WHERE outcome IS NULL) USING (file_no, row_no)"
            )
            start = time.monotonic()
            create_evidence(local, forms="accepted", model=place.linkage_model)
            write_evidence(local, folder / "again.arrow")
            seconds += time.monotonic() - start
    return {"seconds": seconds}


def resolve() -> dict[str, float]:
    """Resolves every load against the store and the loads before it, and takes them out again."""
    place, seconds = platform(), 0.0
    for folder in _loads(place):
        start = time.monotonic()
        broken = resolve_load(place, folder)
        seconds += time.monotonic() - start
        if broken:
            raise SystemExit(f"the gate held a load: {broken}")
        _take(place, folder)
    with place.engine.begin() as store:
        first = store.scalar(text("SELECT min(load_no) FROM load WHERE seconds <> '{}'"))
        for table in ("judgement", "pair", "load"):
            store.execute(text(f"DELETE FROM {table} WHERE load_no >= :first"), {"first": first})
    return {"seconds": seconds, "loads": len(_loads(place))}


def _take(place: Platform, folder: Path) -> None:
    """What later loads need of this one, as the merge writes it."""
    place.objects.put(f"archive/forms/{folder.name}/{EVIDENCE}", folder / EVIDENCE)
    with connect() as local, place.engine.begin() as store:
        load_no = _note_load(store, folder.name)
        store.execute(text("UPDATE load SET seconds = '{\"resolve\": 0}' WHERE load_no = :no"), {"no": load_no})
        decided = local.execute(
            f"SELECT *, 0 AS judged_no, 0 AS file_id, {load_no} AS load_no"
            f" FROM read_parquet('{folder}/decision.parquet') ORDER BY form_id"
        ).to_arrow_table()
        copy_in(store, "judgement", [*_JUDGEMENT, "weight"], decided)
        pairs = local.execute(
            f"SELECT * REPLACE ('{{' || array_to_string(parts, ',') || '}}' AS parts), {load_no} AS load_no"
            f" FROM read_parquet('{folder}/pair.parquet') ORDER BY form_a, form_b"
        ).to_arrow_table()
        copy_in(store, "pair", pairs.column_names, pairs)


def plain_splink() -> dict[str, float]:
    """Dedupes the night by settings as in Splink's own examples; returns seconds in all, and those of the training."""
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, connect(memory=MEMORY, spill=scratch) as connection:
        files = [str(folder / "standard.parquet") for folder in _loads(platform())]
        connection.execute(
            f"CREATE TABLE plain AS SELECT row_number() OVER () AS row, {', '.join(_PLAIN)}"
            f" FROM read_parquet({files}) WHERE full_name IS NOT NULL"
        )
        training = _splink(connection, ["plain"], "dedupe_only")
        return {"seconds": time.monotonic() - start, "training": training}


def plain_splink_with_store() -> dict[str, float]:
    """Links the night to the store by the same settings, of what evidence has of both; returns seconds."""
    place = platform()
    with place.engine.begin() as store:
        before = place.evidence_files(merged_loads(store))
    sides = {"night": [folder / EVIDENCE for folder in _loads(place)], "store": before}
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as scratch, connect(memory=MEMORY, spill=scratch) as connection:
        for side, files in sides.items():
            connection.register("evidence", read_every_evidence(dict(enumerate(files)), load="load"))
            connection.execute(
                f"CREATE TABLE {side} AS SELECT row_number() OVER () AS row,"
                f" {', '.join(f'{theirs} AS {name}' for name, theirs in _PLAIN_OF_EVIDENCE.items())} FROM evidence"
            )
            connection.unregister("evidence")
        _splink(connection, list(sides), "link_only")
        return {"seconds": time.monotonic() - start}


def _splink(connection: duckdb.DuckDBPyConnection, tables: Sequence[str], link_type: str) -> float:
    """Trains, predicts and clusters; returns the seconds of the training."""
    logging.getLogger("splink").setLevel(logging.CRITICAL)
    start = time.monotonic()
    settings = SettingsCreator(
        link_type=link_type,
        unique_id_column_name="row",
        comparisons=list(_PLAIN.values()),
        blocking_rules_to_generate_predictions=_PLAIN_BLOCKS,
    )
    api = DuckDBAPI(connection)
    linker = Linker([api.register(table) for table in tables], settings, log_level=None)
    linker.training.estimate_probability_two_random_records_match([block_on("pid")], recall=0.8)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6, seed=1)
    for block in (_PLAIN_BLOCKS[2], _PLAIN_BLOCKS[0]):
        linker.training.estimate_parameters_using_expectation_maximisation(block)
    trained = time.monotonic()
    predicted = linker.inference.predict(threshold_match_probability=0.5)
    linker.clustering.cluster_pairwise_predictions_at_threshold(predicted, threshold_match_probability=0.95)
    return trained - start


_PLAIN = {
    **{name: NameComparison(name) for name in ("full_name", "father_name", "mother_name")},
    "birth_date": DateOfBirthComparison("birth_date", input_is_string=True, datetime_format="%Y-%m-%d"),
    **{number: DamerauLevenshteinAtThresholds(number, [1, 2]) for number in ("pid", "cmnd_no")},
    **{
        name: ExactMatch(name).configure(term_frequency_adjustments=True)
        for name in ("sex", "origin_place", "permanent_place")
    },
}
#: What the evidence of a form calls the same.
_PLAIN_OF_EVIDENCE = {
    "full_name": "name",
    "father_name": "father",
    "mother_name": "mother",
    "birth_date": "birth",
    "pid": "pid",
    "cmnd_no": "card",
    "sex": "sex",
    "origin_place": "origin",
    "permanent_place": "permanent",
}
_PLAIN_BLOCKS = [
    block_on("pid"),
    block_on("cmnd_no"),
    block_on("full_name", "birth_date"),
    block_on("mother_name", "birth_date"),
    block_on("full_name", "father_name", "mother_name"),
]


# -- all of it --------------------------------------------------------------------------------------------

STEPS: dict[str, Callable[[argparse.Namespace], dict[str, float] | None]] = {
    "night": lambda given: make_night(given.folder, given.rows),
    "fill": lambda given: fill_store(0, given.store),
    "evidence": lambda _: make_evidence(),
    "once": lambda _: resolve(),
    "peer_with_store": lambda _: plain_splink_with_store(),
    "double": lambda given: fill_store(1, given.store),
    "twice": lambda _: resolve(),
    "peer": lambda _: plain_splink(),
}


def run(folder: Path, rows: int, store: int) -> dict[str, object]:
    """Every step in a process of its own, and what came of it."""
    command = [
        sys.executable,
        "-m",
        "benchmarks.resolution",
        f"--rows={rows}",
        f"--store={store}",
        f"--folder={folder}",
    ]
    environment = {**os.environ, "DANCU_HOME": str(folder / "home")}
    done = {name: measure([*command, f"--step={name}"], environment) for name in STEPS}
    seconds = {name: one.output["seconds"] for name, one in done.items()}
    ours = seconds["evidence"] + seconds["once"]
    return {
        "rows": rows,
        "store": store,
        "loads": done["once"].output["loads"],
        "seconds": round(ours, 1),
        "evidence_seconds": round(seconds["evidence"], 1),
        "peak_mb": round(max(done[name].peak_mb for name in ("evidence", "once", "twice"))),
        "peer": "Splink alone, plain settings, dedupes the night",
        "peer_seconds": round(seconds["peer"], 1),
        "peer_training_seconds": round(done["peer"].output["training"], 1),
        "peer_peak_mb": round(done["peer"].peak_mb),
        "ratio_to_peer": round(ours / seconds["peer"], 2),
        "peer_with_store": "Splink alone, the same settings, links the night to the store and finds no doubles in it",
        "peer_with_store_seconds": round(seconds["peer_with_store"], 1),
        "peer_with_store_peak_mb": round(done["peer_with_store"].peak_mb),
        "ratio_to_peer_with_store": round(ours / seconds["peer_with_store"], 2),
        "seconds_at_twice_the_store": round(seconds["evidence"] + seconds["twice"], 1),
        "ratio_of_twice_the_store": round((seconds["evidence"] + seconds["twice"]) / ours, 2),
    }


def main() -> None:
    """Runs all and prints what was measured."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--rows", type=int, default=3_100_000)
    options.add_argument("--store", type=int, default=10_000_000)
    options.add_argument("--json", action="store_true", help="the last line is one JSON object")
    options.add_argument("--step", choices=STEPS, help=argparse.SUPPRESS)
    options.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = options.parse_args()
    if chosen.step:
        start = time.monotonic()
        print(json.dumps(STEPS[chosen.step](chosen) or {"seconds": time.monotonic() - start}))
        return
    with tempfile.TemporaryDirectory() as scratch:
        result = run(Path(scratch), chosen.rows, chosen.store)
    show(result, as_json=chosen.json)


if __name__ == "__main__":
    main()
