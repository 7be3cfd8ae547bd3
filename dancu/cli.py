"""The program `dancu`: one command a question or an order."""

# ruff: noqa: PLC0415  a command imports what it needs: `dancu --help` answers at once

import datetime as dt
import json
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

from dancu import faults

if TYPE_CHECKING:
    from tasks.platform import Platform

Command = TypeVar("Command", bound=Callable[..., Any])

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_TWO_DIGITS = re.compile(r"[0-9]{2}")
_SHARE = click.FloatRange(min=0, max=1)
_FILE = click.Path(dir_okay=False, path_type=Path)
_FOLDER = click.Path(file_okay=False, path_type=Path)


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs one command and leaves with its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    as_json = "--json" in given
    sys.exit(faults.run(lambda: cli.main(given, prog_name="dancu", standalone_mode=False), as_json=as_json))


def _json(command: Command) -> Command:
    text = "End with one line of JSON on standard output."
    return click.option("--json", "as_json", is_flag=True, help=text)(command)


def _purpose(command: Command) -> Command:
    help_of_purpose = "The register's signing key, or the escrow's sealing key."
    purpose = click.option(
        "--purpose",
        type=click.Choice(("signing", "escrow")),
        default="signing",
        show_default=True,
        help=help_of_purpose,
    )
    out = click.option("--out", type=_FOLDER, help="Folder for the escrow's private half, to be taken away.")
    return purpose(out(command))


def _one_card(command: Command) -> Command:
    """Whose card an order is about, and why it is given."""
    reason = click.option("--reason", required=True, metavar="TEXT", help="Why, for whoever asks later.")
    return click.argument("station")(click.argument("number")(reason(command)))


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dancu")
def cli() -> None:
    """The nightly batch platform of a national population register."""


@cli.command()
@_json
def init(*, as_json: bool) -> None:
    """Create the store, or bring it up to date; safe to repeat."""
    from registry.places.store import fill_places

    place = _store()
    with place.engine.begin() as store:
        fill_places(store, place.reference.gazetteer)
    _answer({"store": "up to date"}, ["The store is up to date."], as_json=as_json)


@cli.command()
@click.option("--out", type=_FOLDER, required=True, help="Folder for registers/, dossiers/, biometrics/ and the truth.")
@click.option("--forms", type=click.IntRange(min=1), required=True, help="Rows in all.")
@click.option("--province", default="75", show_default=True, help="Two-digit code.")
@click.option("--seed", type=int, default=0, show_default=True, help="The same seed gives the same bytes.")
@click.option("--clean-share", type=float, help="Share of the forms without any slip.  [default: 0.9]")
@click.option("--date", type=_DAY, help="Day on which the files are sent.  [default: 2021-06-30]")
@click.option(
    "--style", "styles", multiple=True, help="Encoding and way of places, such as tcvn3+abbreviated; may be repeated."
)
@click.option(
    "--dossiers", type=float, default=0.0, show_default=True, help="Share of those who may have a card with a dossier."
)
@_json
def generate(
    *,
    out: Path,
    forms: int,
    province: str,
    seed: int,
    clean_share: float | None,
    date: dt.datetime | None,
    styles: tuple[str, ...],
    dossiers: float,
    as_json: bool,
) -> None:
    """Write made-up registers of a province, dossiers with photos, and the truth of who is who."""
    from samples.generate import DEFAULT_CLEAN_SHARE, DEFAULT_DATE
    from samples.generate import generate as write_samples

    made = write_samples(
        out,
        forms=forms,
        province=province,
        seed=seed,
        clean_share=DEFAULT_CLEAN_SHARE if clean_share is None else clean_share,
        date=_day(date) or DEFAULT_DATE,
        styles=styles,
        dossier_share=dossiers,
    )
    answer = {name: getattr(made, name) for name in ("forms", "persons", "files", "dossiers")}
    line = f"{made.forms:,} forms of {made.persons:,} persons in {made.files:,} files, and {made.dossiers:,} dossiers."
    _answer({**answer, "seconds": round(made.seconds, 3)}, [line], as_json=as_json)


@cli.command()
@click.argument("folder", metavar="DIR", type=_FOLDER)
@_json
def put(*, folder: Path, as_json: bool) -> None:
    """Copy everything under DIR into landing/; DIR holds registers/<sender>/… and the like."""
    from registry.objects import put_folder
    from tasks.platform import platform

    files = put_folder(folder, platform().objects)
    _answer({"files": files}, [f"{files:,} files landed."], as_json=as_json)


@cli.command()
@click.option("--date", type=_DAY, help="The business date.  [default: today, in the nation's own time]")
@click.option("--province", "provinces", multiple=True, metavar="CODE", help="Only this province; may be repeated.")
@_json
def nightly(*, date: dt.datetime | None, provinces: tuple[str, ...], as_json: bool) -> None:
    """Take in what has landed, merge it, hand off cards, return failed rows and report."""
    from config.settings import Settings
    from dancu.prefect_server import server_for_a_night
    from dancu.show import night_lines

    codes = [_known_province(code, _day(date)) for code in provinces]
    _prepare()
    wait_for_server = server_for_a_night(Settings())
    from flows.nightly import run_nightly

    wait_for_server()
    summary = run_nightly(date=_day(date), provinces=codes)
    _answer(summary, night_lines(summary), as_json=as_json)


@cli.command()
@click.option("--date", type=_DAY, help="Only the files of this night.")
@_json
def status(*, date: dt.datetime | None, as_json: bool) -> None:
    """Files, rows, persons, cards and outstanding answers."""
    from dancu.show import status_lines
    from registry.status import read_status
    from tasks.platform import today

    with _store().engine.begin() as store:
        found = read_status(store, date=_day(date), today=today())
    _answer(found, status_lines(found), as_json=as_json)


@cli.command()
@click.option("--level", type=click.Choice(["nation", "province", "district", "commune"]), help="Only these places.")
@click.option("--within", default="VN", show_default=True, metavar="CODE", help="Only this place and what lies in it.")
@click.option("--date", type=_DAY, help="After the last night on or before this day.  [default: today]")
@click.option("--as-of-places", type=_DAY, help="In the units of this day.  [default: those of the night]")
@_json
def progress(
    *, level: str | None, within: str, date: dt.datetime | None, as_of_places: dt.datetime | None, as_json: bool
) -> None:
    """How far each place is: counts, shares of targets, pace, stock and ranks."""
    from dancu.show_progress import progress_lines
    from registry.progress.table import standing_as_json
    from tasks.platform import today
    from tasks.progress import read_standing

    standing = read_standing(_store(), date=_day(date) or today(), places_of=_day(as_of_places))
    answer = standing_as_json(standing, level=level, within=within)
    _answer(answer, progress_lines(answer), as_json=as_json)


@cli.command()
@click.option("--within", default="VN", show_default=True, metavar="CODE", help="Only this place and what lies in it.")
@click.option("--out", type=_FILE, metavar="FILE.csv", help="Also list the persons, for a mobile team alone.")
@click.option("--date", type=_DAY, help="On which somebody is of age.  [default: today]")
@_json
def outreach(*, within: str, out: Path | None, date: dt.datetime | None, as_json: bool) -> None:
    """Who must have a card and has no dossier: counted by commune and company, listed only into a file."""
    from dancu.show_progress import outreach_lines
    from registry.progress.outreach import find_waiting
    from tasks.platform import today

    place, day = _store(), _day(date) or today()
    with place.engine.begin() as store:
        answer = find_waiting(store, place.reference.gazetteer, date=day, within=within, out=out).as_json()
    answer = {"date": day.isoformat(), "out": str(out) if out else None, **answer}
    _answer(answer, outreach_lines(answer), as_json=as_json)


@cli.command()
@_json
def verify(*, as_json: bool) -> int:
    """Prove the invariants from files and tables; exit code 1 when one does not hold."""
    place = _store()
    _prepare()
    from tasks.verify import examine

    proof = examine(place)
    lines = [*proof.notes, *map(str, proof.breaches), proof.verdict]
    answer = {
        "holds": not proof.breaches,
        "breaches": [vars(breach) for breach in proof.breaches],
        "notes": proof.notes,
        "proved": proof.counts,
    }
    _answer(answer, lines, as_json=as_json)
    return 1 if proof.breaches else 0


@cli.command()
@click.option("--out", type=_FILE, required=True, metavar="FILE.csv")
@_json
def links(*, out: Path, as_json: bool) -> None:
    """Write one line for each received row: what became of it, and whose it is."""
    from registry.extracts import write_links

    rows = write_links(_store().engine, out)
    _answer({"out": str(out), "rows": rows}, [f"{rows:,} rows in {out}"], as_json=as_json)


@cli.command()
@click.option("--out", type=_FILE, required=True, metavar="FILE.parquet")
@_json
def persons(*, out: Path, as_json: bool) -> None:
    """Write the current golden records."""
    from registry.extracts import write_persons

    count = write_persons(_store().engine, out)
    _answer({"out": str(out), "persons": count}, [f"{count:,} persons in {out}"], as_json=as_json)


@cli.command()
@click.argument("person_id", metavar="ID")
@click.option("--as-of", type=_DAY, help="As it was after that night, known by the id that it had then.")
@click.option("--picture", type=_FILE, metavar="FILE.html", help="Draw what its strongest ties weigh, for a browser.")
@_json
def person(*, person_id: str, as_of: dt.datetime | None, picture: Path | None, as_json: bool) -> None:
    """Show one person: fields with their sources, ties and their weights, rivals, history and cards."""
    from dancu.show_person import person_lines
    from tasks.look import look_at

    place = _store()
    found = look_at(place, person_id, night=_day(as_of))
    if picture:
        from tasks.draw import draw_ties

        found["picture"] = draw_ties(place, found, picture)
    _answer(found, person_lines(found), as_json=as_json)


@cli.group()
def review() -> None:
    """Cases of which people must decide whether two persons are one."""


@review.command()
@click.option("--locality", required=True, metavar="CODE", help="Province, district or commune; or a named source.")
@click.option("--out", type=_FILE, required=True, metavar="FILE.xlsx")
@click.option("--most", type=click.IntRange(min=1), help="At most so many cases, the worst.  [default: 500]")
@_json
def export(*, locality: str, out: Path, most: int | None, as_json: bool) -> None:
    """Write the open cases of a locality into a workbook for its reviewers."""
    from tasks.review import MOST_CASES, export_cases

    count = export_cases(_store(), locality, out, most=most or MOST_CASES)
    line = f"{count['cases']:,} cases in {out}; {count['left_out']:,} more wait."
    _answer({"out": str(out), **count}, [line], as_json=as_json)


@review.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE.xlsx")
@click.option("--reviewer", metavar="NAME", help="Who answered the rows that name nobody.")
@click.option("--date", type=_DAY, help="The business date.  [default: today, in the nation's own time]")
@_json
def apply(*, file: Path, reviewer: str | None, date: dt.datetime | None, as_json: bool) -> None:
    """Note the verdicts of an answered workbook; rows that cannot be are refused one by one."""
    from dancu.show import review_lines
    from tasks.platform import today
    from tasks.review import apply_answers

    with _between_nights() as place:
        answer = apply_answers(place, file, reviewer=reviewer, date=_day(date) or today()).as_json()
    _answer(answer, review_lines(answer), as_json=as_json)


@cli.command()
@click.argument("one", metavar="ID")
@click.argument("other", metavar="ID")
@click.option("--reviewer", required=True, metavar="NAME", help="Who says so.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for whoever asks later.")
@_json
def merge(*, one: str, other: str, reviewer: str, reason: str, as_json: bool) -> None:
    """Make two persons one; the later id leads to the older one, and `split` parts them again."""
    from dancu.show import judged_lines
    from registry.portraits import identity
    from tasks.judge import tie_persons
    from tasks.platform import today

    with _between_nights() as place:
        done = tie_persons(place, identity(one), identity(other), reviewer=reviewer, reason=reason, date=today())
    _answer(vars(done), judged_lines(vars(done)), as_json=as_json)


@cli.command()
@click.argument("person_id", metavar="ID")
@click.option("--form", "forms", required=True, multiple=True, metavar="FORM", help="form_id, or sender:form_no.")
@click.option("--reviewer", required=True, metavar="NAME", help="Who says so.")
@click.option("--reason", required=True, metavar="TEXT", help="Why, for whoever asks later.")
@_json
def split(*, person_id: str, forms: tuple[str, ...], reviewer: str, reason: str, as_json: bool) -> None:
    """Part a person: the named forms are somebody else's, now and for ever."""
    from dancu.show import judged_lines
    from registry.portraits import forms_named, identity
    from tasks.judge import part_person
    from tasks.platform import today

    with _between_nights() as place:
        with place.engine.begin() as store:
            leaving = forms_named(store, person_id, forms)
        done = part_person(place, identity(person_id), leaving, reviewer=reviewer, reason=reason, date=today())
    _answer(vars(done), judged_lines(vars(done)), as_json=as_json)


@cli.command()
@click.argument("registers", type=_FOLDER)
@click.option("--out", type=_FOLDER, required=True, help="Folder for the new model; it holds none yet.")
@_json
def train(*, registers: Path, out: Path, as_json: bool) -> None:
    """Train the linkage model on a folder of registers, and write its next version."""
    from tasks.train import train_model

    _prepare()
    made = train_model(registers, out=out)
    answer = {"version": made.version, "files": made.files, "forms": made.seen.forms, "pairs": made.seen.pairs}
    lines = [f"Version {made.version} from {made.seen.forms:,} forms in {made.files:,} files is in {out}."]
    _answer(answer, lines, as_json=as_json)


@cli.group()
def cards() -> None:
    """The exchange with the production centre and the offices."""


@cards.command("run")
@click.option("--date", type=_DAY, help="The business date.  [default: today, in the nation's own time]")
@_json
def run_exchange(*, date: dt.datetime | None, as_json: bool) -> None:
    """Take answers and deliveries, hand off what waits, and reconcile; the night does so too."""
    from config.settings import Settings
    from dancu.prefect_server import server_for_a_night
    from dancu.show import exchange_lines

    _prepare()
    wait_for_server = server_for_a_night(Settings())
    from flows.cards import run_cards

    wait_for_server()
    counts = run_cards(date=_day(date))
    _answer(counts, exchange_lines(counts), as_json=as_json)


@cards.command()
@click.option("--date", type=_DAY, help="The day from which ages count.  [default: today, in the nation's own time]")
@_json
def owed(*, date: dt.datetime | None, as_json: bool) -> None:
    """Show who owes whom what: batches, overdue answers, gaps, stock at offices, parked and refused."""
    from dancu import card_orders
    from tasks.platform import today

    sheets = card_orders.owed(_store(), date=_day(date) or today())
    _answer(dict(sheets), card_orders.owed_lines(sheets), as_json=as_json)


@cards.command()
@_json
def parked(*, as_json: bool) -> None:
    """List what the centre or an office said and fits nothing."""
    from dancu import card_orders
    from dancu.show import table

    rows = card_orders.parked_lines(_store())
    lines = table(tuple(rows[0]), [tuple(row.values()) for row in rows]) if rows else ["Nothing is parked."]
    _answer({"parked": rows}, lines, as_json=as_json)


@cards.command("work-off")
@click.argument("number", type=int)
@click.option("--by", required=True, metavar="NAME", help="Who looked at it.")
@click.option("--note", required=True, metavar="TEXT", help="What came of it.")
@_json
def work_off(*, number: int, by: str, note: str, as_json: bool) -> None:
    """Take a line off the list of what is parked."""
    from dancu import card_orders

    card_orders.work_off(_store(), number, by=by, note=note)
    _answer({"parked_no": number}, [f"{number} is off the list."], as_json=as_json)


@cards.command("release")
@_one_card
@_json
def release_card(*, station: str, number: str, reason: str, as_json: bool) -> None:
    """Let a dossier's card go on that was put on hold."""
    from dancu import card_orders
    from tasks.platform import today

    card_orders.let_go_on(_store(), station, number, reason=reason, date=today())
    _answer({"station": station, "number": number}, ["It goes on with the next hand-off."], as_json=as_json)


@cards.command("cancel")
@_one_card
@_json
def cancel_card(*, station: str, number: str, reason: str, as_json: bool) -> None:
    """End a card that nobody wants any more; its person may have another dossier."""
    from dancu import card_orders
    from tasks.platform import today

    card_orders.call_off(_store(), station, number, reason=reason, date=today())
    _answer({"station": station, "number": number}, ["It is cancelled."], as_json=as_json)


@cards.command()
@click.argument("sequence", type=click.IntRange(min=1))
@_json
def resend(*, sequence: int, as_json: bool) -> None:
    """Put a batch into the outbox again, byte for byte."""
    from tasks.hand_off import resend as put_again

    place = _store()
    _prepare()
    put_again(place, sequence)
    _answer({"sequence": sequence}, [f"Batch {sequence} lies in the outbox as it was."], as_json=as_json)


@cli.group()
def keys() -> None:
    """Keys with which hand-off batches are sealed and signed; private halves are never shown."""


@keys.command()
@_purpose
@_json
def make(*, purpose: str, out: Path | None, as_json: bool) -> None:
    """Make the first key: the register's own signing key, or the escrow's, which is taken away."""
    from dancu.key_orders import make_key

    _answer_key(make_key(purpose, out=out, anew=False), as_json=as_json)


@keys.command()
@_purpose
@_json
def rotate(*, purpose: str, out: Path | None, as_json: bool) -> None:
    """Make the next key; the one before it is retiring: what it signed or sealed still counts."""
    from dancu.key_orders import make_key

    _answer_key(make_key(purpose, out=out, anew=True), as_json=as_json)


@keys.command()
@click.argument("key_id", metavar="ID")
@_json
def retire(*, key_id: str, as_json: bool) -> None:
    """End a key: from today on nothing that it signed is taken, and nothing is sealed to it."""
    from dancu.key_orders import retire_key

    _answer_key(retire_key(key_id), as_json=as_json)


@keys.command("import")
@click.argument("files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_json
def import_keys(*, files: tuple[Path, ...], as_json: bool) -> None:
    """Take in public keys that a centre or the escrow handed over; ask them for the ids by another way first."""
    from dancu.key_orders import add_keys, key_lines

    added = add_keys(files)
    _answer({"keys": added}, key_lines(added), as_json=as_json)


@keys.command("list")
@_json
def list_keys(*, as_json: bool) -> None:
    """Show the keys that are known, and from when to when each counts."""
    from dancu.key_orders import key_lines, list_facts

    found = list_facts()
    _answer({"keys": found}, key_lines(found), as_json=as_json)


@cli.command()
@click.option("--home", type=_FOLDER, required=True, help="The centre's own folder: its keys and what it remembers.")
@click.option("--centre", "code", default="national", show_default=True, metavar="CODE")
@click.option("--objects", "url", metavar="URL", help="The object store.  [default: the register's]")
@click.option("--trust", "files", multiple=True, type=_FILE, help="A public key of the register; may be repeated.")
@click.option("--seed", default=0, show_default=True, help="Chooses who is rejected, fails or waits.")
@click.option("--reject", type=_SHARE, default=0.0, help="Share of dossiers that are rejected.")
@click.option("--qc-fail", type=_SHARE, default=0.0, help="Share of cards that fail quality control once.")
@click.option("--partial", type=_SHARE, default=1.0, help="Share that is answered now, the rest a run later.")
@click.option("--slow", type=click.IntRange(min=0), default=0, help="Runs by which answers lag.")
@click.option("--silent", is_flag=True, help="Take nothing and send nothing.")
@click.option("--double", is_flag=True, help="Send each answer twice, also under another name.")
@click.option("--wrong-signature", is_flag=True, help="Sign wrongly; the next run sends the same again rightly.")
@click.option("--deliver", type=_SHARE, help="Speak for the offices too: share of the cards there that is delivered.")
@_json
def centre(
    *,
    home: Path,
    code: str,
    url: str | None,
    files: tuple[Path, ...],
    deliver: float | None,
    as_json: bool,
    **faults: Any,
) -> None:
    """Act as a card production centre, to test against: take batches that were handed off, and answer them."""
    from centre.faults import Faults
    from centre.house import House, make_keys, trust
    from centre.run import run_centre
    from config.settings import Settings
    from registry.objects import open_objects

    settings = Settings()
    objects = open_objects(url or settings.objects_url, home=settings.root, endpoint_url=settings.s3_endpoint_url)
    house = House(code, home.expanduser().resolve(), objects)
    public = make_keys(house)
    trust(house, files)
    done = run_centre(house, faults=Faults(**faults), deliver=deliver)
    lines = [f"Batches: {done['batches']} taken, {done['damaged']} damaged. Answers: {sum(done['answers'].values())}."]
    _answer({**done, "keys": list(map(str, public))}, lines, as_json=as_json)


@cli.command()
@_json
def serve(*, as_json: bool) -> None:
    """Bring up the Prefect server, a worker, the deployments and the report site, until Ctrl-C."""
    from config.settings import Settings
    from dancu.serve import serve as keep_up

    _prepare()
    try:
        keep_up(Settings())
    except (KeyboardInterrupt, SystemExit):
        _answer({"served": True}, [], as_json=as_json)


def _prepare() -> None:
    """Before anything imports Prefect or Great Expectations: they read the environment then."""
    from config.environment import prepare
    from config.settings import Settings

    prepare(Settings())


def _store() -> "Platform":
    """The installation, with its store up to date: a question about a fresh home has an empty answer."""
    from registry.database import migrate
    from tasks.platform import platform

    place = platform()
    migrate(place.engine)
    return place


@contextmanager
def _between_nights() -> Iterator["Platform"]:
    """The installation while no night is run: what changes persons by hand waits for its lock."""
    from registry.errors import UsageError

    place = _store()
    _prepare()
    from tasks.night import one_night_at_a_time

    with one_night_at_a_time(place) as alone:
        if not alone:
            raise UsageError("a night is being run: nothing was changed, call again when it has ended")
        yield place


def _known_province(code: str, date: dt.date | None) -> str:
    from tasks.platform import platform, today

    if not _TWO_DIGITS.fullmatch(code) or platform().reference.gazetteer.province_of(code, date or today()) != code:
        raise click.BadParameter(
            f"{code!r} is no province: two digits such as 75 are expected.", param_hint="--province"
        )
    return code


def _day(date: dt.datetime | None) -> dt.date | None:
    return date.date() if date else None


def _answer_key(key: dict[str, Any], *, as_json: bool) -> None:
    from dancu.key_orders import key_lines

    _answer(key, key_lines([key]), as_json=as_json)


def _answer(answer: dict[str, Any], lines: Iterable[str], *, as_json: bool) -> None:
    if as_json:
        print(json.dumps(answer, ensure_ascii=False, default=str))
        return
    for line in lines:
        print(line)
