"""`dancu generate`: sample registers of one province, with the full truth of who is who."""

import datetime as dt
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from registry.errors import UsageError
from samples import cells, dossiers, places, slips, truth, write
from samples.draw import stream
from samples.forms import Campaign, draw_forms
from samples.layout import Chunk, lay_out
from samples.people import EPOCH
from samples.writing import Writing, writings_of

DEFAULT_CLEAN_SHARE = 0.9
DEFAULT_DATE = dt.date(2021, 6, 30)

SLIPS = 7
#: Starting a second process takes about as long as making this many forms.
_FORMS_FOR_A_HELPER = 60_000
#: Chunks that the helper is given at a time, and finished ones that may wait for an earlier one.
_FOR_THE_HELPER = 2
_MOST_WAITING = 32
_EARLIEST, _LATEST = dt.date(2010, 1, 1), dt.date(2099, 12, 31)


@dataclass(frozen=True)
class GenerateReport:
    """What was generated: physical rows, distinct persons, register files, the time it took, and dossiers."""

    forms: int
    persons: int
    files: int
    seconds: float
    dossiers: int = 0


@dataclass(frozen=True)
class _Made:
    persons: int
    files: int
    truth: bytes
    captured: dossiers.Captured


def generate(
    out: Path,
    *,
    forms: int,
    province: str = "75",
    seed: int = 0,
    clean_share: float = DEFAULT_CLEAN_SHARE,
    date: dt.date = DEFAULT_DATE,
    styles: Sequence[str] = (),
    dossier_share: float = 0.0,
) -> GenerateReport:
    """Writes `out/registers/<commune>/dc01-….csv` with sidecars, and `out/truth.csv`.

    With a share of dossiers also `out/dossiers/<commune>/….jsonl` with sidecars, their photos under `out/biometrics/`,
    and `out/dossier_truth.csv`; the registers are the same with any share.

    The same arguments give the same bytes. Memory does not grow with `forms`. All persons are made up.
    From 60,000 forms on a second process helps: a script that calls this needs the usual
    `if __name__ == "__main__":`.

    Args:
        out: folder; made where needed. The same run may be repeated into it.
        forms: physical rows to write in all, those sent twice counted twice.
        province: two-digit code of the 2021-11-15 state.
        seed: another seed, other persons.
        clean_share: share of the forms without any slip, 0 to 1.
        date: day on which the files are sent; forms were declared in the eleven months up to it.
        styles: how files are written, see `Writing.parse`; the files take them in turn. None: UTF-8 and codes.
        dossier_share: of those who may have a card, how many were captured, 0 to 1.

    Raises:
        UsageError: an argument is out of range, or `out` holds registers of another run.
    """
    started = time.perf_counter()
    writings = writings_of(styles)
    campaign = _campaign(forms=forms, province=province, seed=seed, clean_share=clean_share, date=date)
    if not 0 <= dossier_share <= 1:
        raise UsageError(f"--dossiers must be between 0 and 1, not {dossier_share}.")
    job = _Job(out, campaign, clean_share, date, writings, dossier_share)
    _refuse_leftovers(job)
    persons = files = captured = 0
    job.registers.mkdir(parents=True, exist_ok=True)
    of_dossiers = b"" if not dossier_share else dossiers.HEADER
    with (out / "truth.csv").open("wb") as handle:
        handle.write(truth.HEADER)
        for made in _make_all(job):
            handle.write(made.truth)
            persons += made.persons
            files += made.files
            of_dossiers += made.captured.truth
            captured += made.captured.dossiers
    if of_dossiers:
        (out / "dossier_truth.csv").write_bytes(of_dossiers)
    seconds = time.perf_counter() - started
    return GenerateReport(forms=forms, persons=persons, files=files, seconds=seconds, dossiers=captured)


def _campaign(*, forms: int, province: str, seed: int, clean_share: float, date: dt.date) -> Campaign:
    if not 0 <= clean_share <= 1:
        raise UsageError(f"--clean-share must be between 0 and 1, not {clean_share}.")
    if seed < 0:
        raise UsageError(f"--seed must not be negative: {seed}.")
    if not _EARLIEST <= date <= _LATEST:
        raise UsageError(f"The date must lie between {_EARLIEST} and {_LATEST}, not {date}.")
    known = places.load()
    communes = known.of_province(province)
    number = int(province)
    return Campaign(
        seed=seed,
        province=number,
        last_day=int((np.datetime64(date) - EPOCH).astype(int)),
        layout=lay_out(forms, communes=communes, seed=seed, province=number),
        places=known,
    )


@dataclass(frozen=True)
class _Job:
    """What a process needs to make any chunk of a run."""

    out: Path
    campaign: Campaign
    clean_share: float
    date: dt.date
    writings: tuple[Writing, ...]
    dossier_share: float

    @property
    def registers(self) -> Path:
        return self.out / "registers"

    def capture(self, chunk: Chunk) -> dossiers.Capture:
        station = self.campaign.places.codes[chunk.commune].as_py()
        return dossiers.Capture(self.out, station, chunk, self.campaign, self.dossier_share)

    def sending(self, chunk: Chunk) -> write.Sending:
        sender = self.campaign.places.codes[chunk.commune].as_py()
        writing = self.writings[(chunk.number + self.campaign.seed) % len(self.writings)]
        return write.Sending(self.registers, sender, self.date, chunk, writing)


def _refuse_leftovers(job: _Job) -> None:
    """Files of another run would be put into the landing zone with ours."""
    folders = (job.registers, job.out / "dossiers")
    found = {path for folder in folders for path in folder.rglob("*") if path.is_file()}
    if not found:
        return
    for chunk in job.campaign.layout.chunks:
        ours = [job.sending(chunk).path(sequence) for sequence in chunk.sequences()]
        ours += [job.capture(chunk).path] if job.dossier_share else []
        for path in ours:
            found -= {path, path.with_name(f"{path.name}.manifest.json")}
    if found:
        raise UsageError(f"{job.out} holds {len(found)} files of another run: give an empty folder.")


def _make(job: _Job, chunk: Chunk) -> _Made:
    """Makes one chunk: draw, spoil, write, capture."""
    campaign, sending = job.campaign, job.sending(chunk)
    rng = stream(campaign.seed, campaign.province, SLIPS, chunk.number)
    copies = slips.rows_sent_twice(chunk.rows, job.clean_share)
    forms, persons = draw_forms(chunk, forms=chunk.rows - copies, campaign=campaign)
    spoilt = slips.draw_slips(rng, len(forms), clean_share=job.clean_share, twice=copies)
    slips.spoil_numbers(rng, forms, spoilt)
    writing, style = sending.writing, cells.style_of(chunk, campaign)
    text = cells.render(forms, chunk=chunk, style=style, campaign=campaign, places=writing.place_texts())
    slips.spoil_cells(rng, text, spoilt, writing=writing)
    lost = writing.drop_letters(text)
    lines = write.lines_of(text, spoilt)
    twice = np.flatnonzero(spoilt.of("sent_twice"))
    files = write.write_files(sending, lines, households=forms.household, twice=twice)
    said = truth.truth_of(sending.sender, forms=forms, cells=text, slips=spoilt, writing=writing, lost=lost)
    sound = truth.taken_as_they_stand(forms, text, spoilt, writing, lost)
    captured = dossiers.write_dossiers(job.capture(chunk), forms, text, sound=sound, slips=spoilt)
    return _Made(persons, files, bytes(write.bytes_of(said)), captured)


def _make_all(job: _Job) -> Iterator[_Made]:
    """Makes all chunks and yields them in their order; a second process helps where that pays."""
    chunks = job.campaign.layout.chunks
    if not _helper_pays(job):
        yield from (_make(job, chunk) for chunk in chunks)
        return
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn, initializer=_take_job, initargs=(job,)) as helper:
        waiting: deque[Future[_Made]] = deque()
        for chunk in chunks:
            waiting.append(_share_out(job, chunk, helper, waiting))
            while waiting and (waiting[0].done() or len(waiting) > _MOST_WAITING):
                yield waiting.popleft().result()
        yield from (future.result() for future in waiting)


def _helper_pays(job: _Job) -> bool:
    """Whether to start a second process: never from a process that was itself started as a helper."""
    enough = job.campaign.layout.forms >= _FORMS_FOR_A_HELPER and len(os.sched_getaffinity(0)) > 1
    return enough and multiprocessing.parent_process() is None


def _share_out(job: _Job, chunk: Chunk, helper: ProcessPoolExecutor, waiting: deque[Future[_Made]]) -> Future[_Made]:
    """Gives the chunk to the helper if that has little to do, else makes it here."""
    if sum(not future.done() for future in waiting) < _FOR_THE_HELPER:
        return helper.submit(_make_number, chunk.number)
    made: Future[_Made] = Future()
    made.set_result(_make(job, chunk))
    return made


_JOB: list[_Job] = []


def _take_job(job: _Job) -> None:
    """Hands the run over to a helper process, once."""
    _JOB[:] = [job]


def _make_number(number: int) -> _Made:
    return _make(_JOB[0], _JOB[0].campaign.layout.chunks[number])
