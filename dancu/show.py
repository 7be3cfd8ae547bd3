"""What the commands print for people: short tables of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any


def table(headers: Sequence[str], rows: Sequence[Sequence[object]]) -> Iterator[str]:
    """Lines of a table; figures with separators, to the right."""
    cells = [[_cell(value) for value in row] for row in rows]
    widths = [max(map(len, column)) for column in zip(headers, *cells, strict=True)]
    right = [all(isinstance(row[at], int) for row in rows) and bool(rows) for at in range(len(headers))]

    def line(values: Sequence[str]) -> str:
        padded = (
            value.rjust(width) if to_the_right else value.ljust(width)
            for value, width, to_the_right in zip(values, widths, right, strict=True)
        )
        return "  ".join(padded).rstrip()

    yield line(headers)
    yield "  ".join("-" * width for width in widths)
    yield from map(line, cells)


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return f"{value:,}" if isinstance(value, int) else str(value)


def _sums(rows: Mapping[str, int]) -> Iterator[str]:
    """The outcomes, and whether they add up to what was read."""
    outcomes = {name: count for name, count in rows.items() if name != "read"}
    yield from table(("rows", ""), [*outcomes.items(), ("read", rows["read"])])
    total = sum(outcomes.values())
    yield "The sums close." if total == rows["read"] else f"The sums do not close: {total:,} rows have an outcome."


def night_lines(summary: Mapping[str, Any]) -> Iterator[str]:
    """The summary of a night."""
    if "skipped" in summary:
        yield f"Nothing done: {summary['skipped']}."
        return
    states = ", ".join(f"{count:,} {state}" for state, count in summary.get("file_states", {}).items())
    files, loads = summary["files"], summary["loads"]
    yield f"Night of {summary['date']}: {files:,} files in {loads:,} loads ({states or 'nothing new'})"
    yield ""
    yield from _sums(summary["rows"])
    yield ""
    for load_id, rules in summary["held_loads"].items():
        yield f"The publish gate held load {load_id}: {', '.join(rules)}."
    yield f"Cards asked for: {summary['cards'].get('cards', 0):,}. It took {summary['seconds']:,.1f} seconds."


def exchange_lines(counts: Mapping[str, Any]) -> Iterator[str]:
    """What the exchange with the centre and the offices came to."""
    if not counts:
        yield "Nothing done: a night is being run."
        return
    for who, files in (("The centre", counts["answers"]), ("Offices", counts["deliveries"])):
        told = ", ".join(f"{count:,} {what}" for what, count in files.items() if count)
        yield f"{who}: {told or 'nothing'}"
    yield f"Cards asked for: {counts['cards']:,}; {counts['waiting']:,} dossiers wait."
    yield f"Overdue: {counts['overdue']:,}; parked: {counts['parked']:,}."


def status_lines(status: Mapping[str, Any]) -> Iterator[str]:
    """How the register stands."""
    night = status["last_night"]
    yield f"Files {'of ' + status['date'] if status['date'] else 'of all nights'}; last run: {_run(night)}"
    yield ""
    yield from table(("files", ""), sorted(status["files"].items()))
    reasons = [(file["state"], file["reason_code"], file["files"], file["who_acts"]) for file in status["file_reasons"]]
    if reasons:
        yield ""
        yield from table(("state", "reason", "files", "who acts"), reasons)
    yield ""
    yield from _sums(status["rows"])
    yield ""
    cards = status["cards"]
    figures = (("persons", status["persons"]), ("of these in review", status["in_review"]),
               ("of these known by movements alone", status["without_register"]),
               ("cards asked for", cards["cards"]), ("dossiers that wait", cards["waiting"]),
               ("answers outstanding", cards["outstanding"]), ("cards on hold", cards["on_hold"]),
               ("parked lines", cards["parked"]))  # fmt: skip
    yield from table(("store", ""), figures)
    if cards["states"]:
        yield ""
        yield from table(("cards", ""), list(cards["states"].items()))
    yield from _quality_lines(status["quality"])
    yield from _cases(status["cases"])
    yield from _correction_conflicts(status["correction_conflicts"])
    if status["open_rows"]:
        yield ""
        headers = ("open rows", "", "tonight", "1-7 days", "8-30 days", "older", "oldest in days")
        yield from table(headers, [tuple(rows.values()) for rows in status["open_rows"]])


def _cases(cases: Mapping[str, int]) -> Iterator[str]:
    """Cases that wait for reviewers, as open rows are shown."""
    if not cases["cases"]:
        return
    yield ""
    headers = (
        "open cases",
        "tonight",
        "1-7 days",
        "8-30 days",
        "older",
        "oldest in days",
        "second opinion",
        "disagreed",
    )
    yield from table(headers, [tuple(cases.values())])


def _correction_conflicts(conflicts: Mapping[str, int]) -> Iterator[str]:
    """Corrections of what does not stand there, as open rows are shown."""
    if not conflicts["corrections"]:
        return
    yield ""
    headers = ("corrections in conflict", "tonight", "1-7 days", "8-30 days", "older", "oldest in days")
    yield from table(headers, [tuple(conflicts.values())])


def review_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """What became of an answered workbook."""
    counts = [(name.replace("_", " "), count) for name, count in answer.items() if name != "rows"]
    yield from table(("rows", ""), counts)
    refused = [(str(row["row"]), row["case"], row["reason"]) for row in answer["rows"] if "reason" in row]
    if refused:
        yield ""
        yield from table(("refused row", "case", "reason"), refused)


def judged_lines(judged: Mapping[str, int]) -> Iterator[str]:
    """What came of a merge or a split."""
    yield (
        f"{judged['verdicts']:,} pairs of forms were judged: {judged['tied']:,} persons tied,"
        f" {judged['parted']:,} parted, {judged['moved']:,} forms moved."
    )


def _quality_lines(quality: Mapping[str, Any]) -> Iterator[str]:
    """How right the decisions are, where that is known."""
    if quality["forms"]:
        yield ""
        rows = [
            (name, *(f"{quality[f'{name}{end}']:.2%}" for end in ("", "_low", "_high")), quality["pairs_right"], of)
            for name, of in (("precision", quality["pairs_said"]), ("recall", quality["pairs_true"]))
            if of
        ]
        yield from table(
            (f"of {quality['forms']:,} labelled forms", "", "at least", "at most", "right pairs", "of"), rows
        )
    if quality["reviewed"]:
        yield ""
        headers = ("reviewed pairs of weight from", "the same", "different")
        yield from table(headers, [tuple(band.values()) for band in quality["reviewed"]])


def _run(night: Mapping[str, Any] | None) -> str:
    if night is None:
        return "none yet"
    return f"night of {night['date']}, " + (f"ended {night['ended_at']}" if night["ended_at"] else "not ended")
