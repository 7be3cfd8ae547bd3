"""The page of a night and the list of nights: static HTML that needs nothing else, and names no person."""

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from registry.cases import WaitingCases
from registry.loads import OUTCOMES
from registry.nights import ACCEPTED, CardBatch, FileOfNight, LoadOfNight, OpenRows, PastNight, RuleOfNight, by_sender
from registry.progress import reached

#: Lines of the long tables; the ledger has the rest.
MOST_FILES, MOST_SENDERS, MOST_LOADS = 200, 100, 30

_TEMPLATES = Path(__file__).with_name("templates")
_STAGES = ("read", "standardise", "biometrics", "look_up", "validate", "resolve", "merge")
_STATES = ("taken", "held", "refused", "repeat", "waiting", "received")

_MEANINGS = {
    "unreadable": "could not be told into fields; returned to the sender",
    "quarantined": "a critical rule failed; returned to the sender",
    "held": "the whole file is held, none of its rows is used",
    "duplicate": "the same form, or dossier, was accepted before",
    "review": "accepted; whose form it is, people decide",
    "new": "made a person",
    "matched": "joined a person; a dossier was taken",
}

#: Shares accepted, from the top down.
_BANDS = (
    (1.0, "with every row accepted"),
    (0.99, "at 99 % or more"),
    (0.95, "at 95 to 99 %"),
    (0.70, "at 70 to 95 %"),
    (0.0, "below 70 %"),
)

#: A name that surely names nobody: one word of letters at most, and no number as long as a person's.
_HARMLESS = re.compile(r"[0-9._-]*[A-Za-z]*[0-9._-]*?(\.(csv|xlsx|parquet|jsonl)(\.gz)?)?")
_LONG_NUMBER = re.compile(r"[0-9]{9}")
_LONGEST_NAME = 60


@dataclass(frozen=True)
class Night:
    """What the page of a night shows.

    Attributes:
        rules: of the suites that ran over the night's loads.
        store_rules: of the suite that ran over the store after the merges.
        seconds: of its finished runs together, if there are any.
        docs: pages of Data Docs that lie beside the page: what each shows, and its address from here.
        progress: whether the pages of how far each place is lie beside the page.
    """

    date: dt.date
    files: Sequence[FileOfNight]
    loads: Sequence[LoadOfNight]
    rules: Sequence[RuleOfNight]
    store_rules: Sequence[RuleOfNight]
    open_rows: Sequence[OpenRows]
    cases: WaitingCases
    cards: Sequence[CardBatch]
    seconds: float | None
    docs: Sequence[tuple[str, str]] = ()
    progress: bool = False


@dataclass(frozen=True)
class _FileGroup:
    state: str
    reason: str
    who_acts: str | None
    files: int
    rows: int


@dataclass(frozen=True)
class _Sender:
    sender: str
    rows: int
    accepted: int
    failed: int
    held: int


@dataclass(frozen=True)
class _LoadLine:
    load_no: int
    province: str
    files: int
    rows: int
    seconds: Mapping[str, float]

    @property
    def all_seconds(self) -> float:
        return sum(self.seconds.values())


def night_page(night: Night, *, sender_name: Callable[[str], str], messages: Mapping[str, tuple[str, str]]) -> str:
    """The page of one night.

    Args:
        night: its figures.
        sender_name: what to call a sender or a province; never a text that the sender chose.
        messages: rule id → what its sender is told, in Vietnamese and in English.
    """
    counted = [file for file in night.files if file.state in ("taken", "held")]
    rows = {outcome: sum(file.outcomes[outcome] for file in counted) for outcome in OUTCOMES}
    senders = _senders(night.files)
    stages = _stages(night.loads)
    return render(
        "night.html.j2",
        **vars(night),
        read=sum(file.rows or 0 for file in counted),
        total=sum(rows.values()),
        rows_by_outcome=rows,
        accepted=sum(rows[outcome] for outcome in ACCEPTED),
        odd_files=[file for file in counted if (file.rows or 0) != sum(file.outcomes.values())],
        states=Counter(file.state for file in night.files),
        file_groups=_file_groups(night.files),
        not_taken=[file for file in night.files if file.state != "taken"],
        failing_rules=[rule for rule in night.rules if rule.failed],
        senders=senders,
        bands=_bands(senders),
        stages=stages,
        longest_stage=max((spent for _, spent in stages), default=0.0),
        load_lines=_load_lines(night),
        linked=_linked(night.loads),
        keys=_keys(night.loads),
        reason=_reason,
        sender_name=sender_name,
        messages=messages,
        meanings=_MEANINGS,
        most_files=MOST_FILES,
        most_senders=MOST_SENDERS,
        most_loads=MOST_LOADS,
    )


def nights_page(nights: Sequence[PastNight]) -> str:
    """The list of nights, in the order given."""
    return render("nights.html.j2", nights=nights)


# -- what the tables show ------------------------------------------------------------------------------


def _file_groups(files: Sequence[FileOfNight]) -> list[_FileGroup]:
    found: dict[tuple[int, str, str | None], list[FileOfNight]] = {}
    for file in files:
        found.setdefault((_STATES.index(file.state), file.reason_code or "", file.who_acts), []).append(file)
    return [
        _FileGroup(_STATES[state], code, who, len(group), sum(file.rows or 0 for file in group))
        for (state, code, who), group in sorted(found.items(), key=lambda item: (item[0][0], -len(item[1])))
    ]


def _reason(file: FileOfNight) -> str:
    """The ledger's reason, unless it quotes what a sender called its folder."""
    if file.reason_code == "sender":
        return "the folder of landing that the file lies in is no sender's code or name"
    return file.reason or ""


def _senders(files: Sequence[FileOfNight]) -> list[_Sender]:
    """Senders with rows, the smallest share accepted first, among equals the one with most rows."""
    senders = [
        _Sender(
            sender=sender,
            rows=sum(sum(file.outcomes.values()) for file in theirs),
            accepted=sum(file.accepted for file in theirs),
            failed=sum(file.failed for file in theirs),
            held=sum(file.outcomes["held"] for file in theirs),
        )
        for sender, theirs in by_sender(files)
    ]
    with_rows = [sender for sender in senders if sender.rows]
    return sorted(with_rows, key=lambda sender: (sender.accepted / sender.rows, -sender.rows, sender.sender))


def _bands(senders: Sequence[_Sender]) -> list[tuple[str, int]]:
    """How many senders reach each of `_BANDS`, and none above it."""
    shares = [sender.accepted / sender.rows for sender in senders]
    reached = Counter(next(label for floor, label in _BANDS if share >= floor) for share in shares)
    return [(label, reached[label]) for _, label in _BANDS]


def _stages(loads: Sequence[LoadOfNight]) -> list[tuple[str, float]]:
    """Seconds by stage over all loads, in the order of the stages."""
    spent: Counter[str] = Counter()
    for load in loads:
        spent.update(load.seconds)
    known = [stage for stage in _STAGES if stage in spent]
    return [(stage, spent[stage]) for stage in [*known, *sorted(spent.keys() - set(_STAGES))]]


def _load_lines(night: Night) -> list[_LoadLine]:
    """Loads, the slowest first."""
    files = Counter(file.load_no for file in night.files)
    rows: Counter[int | None] = Counter()
    for file in night.files:
        rows[file.load_no] += file.rows or 0
    lines = [
        _LoadLine(load.load_no, load.province, files[load.load_no], rows[load.load_no], load.seconds)
        for load in night.loads
    ]
    return sorted(lines, key=lambda line: (-line.all_seconds, line.load_no))


def _linked(loads: Sequence[LoadOfNight]) -> list[LoadOfNight]:
    """Loads of which something was compared, those that the gate held first."""
    known = [load for load in loads if load.linkage and load.linkage["forms"]]
    return sorted(known, key=lambda load: (not load.held_by, load.load_no))


def _keys(loads: Sequence[LoadOfNight]) -> list[tuple[str, int, int, int]]:
    """Each key with its forms: where it was narrowed, where not enough, and where too many share it."""
    counts: dict[str, list[int]] = {}
    for linkage in (load.linkage for load in loads if load.linkage):
        for key, found in linkage["narrowed"].items():
            line = counts.setdefault(key, [0, 0, 0])
            line[0] += found["narrowed"]
            line[1] += found["without"]
        for key, forms in linkage["left_out"].items():
            counts.setdefault(key, [0, 0, 0])[2] += forms
    return [(key, *line) for key, line in sorted(counts.items())]  # type: ignore[misc]


# -- how it is written ---------------------------------------------------------------------------------


def render(template: str, **values: Any) -> str:
    """A page from one of the templates."""
    return _templates().get_template(template).render(outcomes=OUTCOMES, **values)


@cache
def _templates() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(_TEMPLATES),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        number=_number, percent=_percent, reached=reached, width=_width, duration=_duration, harmless=harmless
    )
    return environment


def _number(count: int) -> str:
    return f"{count:,}"


def _percent(part: int, whole: int) -> str:
    """A share that is 100 % or 0 % only when it is all or nothing."""
    if not whole:
        return "–"
    share = 100 * part / whole
    if 0 < share < 0.05:  # noqa: PLR2004
        return "< 0.1 %"
    if 99.95 <= share < 100:  # noqa: PLR2004
        return "> 99.9 %"
    return f"{share:.1f} %" if 0 < share < 100 else f"{share:.0f} %"  # noqa: PLR2004


def _width(part: float, whole: float) -> str:
    return f"{100 * part / whole:.3f}" if whole else "0"


def _duration(seconds: float | None) -> str:
    if seconds is None:
        return "–"
    if round(seconds, 1) < 60:  # noqa: PLR2004
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} min" if hours else f"{minutes} min {rest:02d} s"


def harmless(name: str) -> str:
    """A file's name where it surely names nobody, an ellipsis where it may."""
    shown = len(name) <= _LONGEST_NAME and _HARMLESS.fullmatch(name) and not _LONG_NUMBER.search(name)
    return name if shown else "…"
