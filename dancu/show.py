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
               ("cards asked for", cards["cards"]), ("dossiers that wait", cards["waiting"]),
               ("answers outstanding", cards["outstanding"]), ("cards on hold", cards["on_hold"]),
               ("parked lines", cards["parked"]))  # fmt: skip
    yield from table(("store", ""), figures)
    if cards["states"]:
        yield ""
        yield from table(("cards", ""), list(cards["states"].items()))
    yield from _quality_lines(status["quality"])
    yield from _cases(status["cases"])
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


def person_lines(dossier: Mapping[str, Any]) -> Iterator[str]:
    """One person with the source of each field."""
    yield f"Person {dossier['person_id']}{_review(dossier)}"
    if dossier["asked_for"] != dossier["person_id"]:
        yield f"(asked for as {dossier['asked_for']}, an old id)"
    yield ""
    yield from table(
        ("field", "value", "stated on", "sender", "file", "row", "form"),
        [_field(field) for field in dossier["fields"]],
    )
    yield from _conflict_lines(dossier)
    if dossier["numbers"]:
        yield ""
        yield from table(
            ("number", "", "in force", "first stated", "last stated", "stated by", "given on"),
            [_number(entry) for entry in dossier["numbers"]],
        )
    yield ""
    yield from table(
        ("night", "outcome", "rule", "sender", "file", "row", "form", "judged as"),
        [
            (*(form[key] for key in ("night", "outcome", "rule", "sender", "file")), str(form["row_no"]),
             form["form_no"], form["judged_as"])
            for form in dossier["forms"]
        ],
    )  # fmt: skip
    for old in dossier["old_ids"]:
        yield f"Old id {old['old_id']}, tied on the night of {old['night']}"
    for rival in dossier["rivals"]:
        yield f"Rival {rival['person_id']}, weight {rival['weight']}: may be the same, or states one number with it"
    for card in dossier["cards"]:
        batch = f", batch {card['sequence']} to {card['centre']}" if card["sequence"] else ""
        why = f" ({card['reason']})" if card["reason"] else ""
        held = f", on hold: {card['on_hold']}" if card["on_hold"] else ""
        yield f"Card of dossier {card['number']} of {card['station']}: {card['state']}{why} since {card['since']}{batch}{held}"


def _review(dossier: Mapping[str, Any]) -> str:
    """Whether people must decide about the person, and what."""
    if not dossier["in_review"]:
        return ""
    unsettled = ", ".join(conflict["group"] for conflict in dossier["conflicts"] if not conflict["settled"])
    reasons = [f"trusted sources disagree on {unsettled}"] if unsettled else []
    if dossier["rivals"]:
        reasons.append("another person states the same number")
    return f", in review{': ' if reasons else ''}{'; '.join(reasons)}"


def _conflict_lines(dossier: Mapping[str, Any]) -> Iterator[str]:
    """What other forms say, and where that is a conflict."""
    rivals = [
        (field["column"], rival["value"], *(form[key] for key in ("stated_on", "sender", "file")), str(form["row_no"]),
         form["form_no"])
        for field in dossier["fields"]
        for rival in field["rivals"]
        for form in rival["stated_by"]
    ]  # fmt: skip
    if rivals:
        yield ""
        yield from table(("field", "other value", "stated on", "sender", "file", "row", "form"), rivals)
    for conflict in dossier["conflicts"]:
        state = "settled by a decision" if conflict["settled"] else "to be verified"
        yield f"Trusted sources disagree on {conflict['group']}: {state}"


def _number(entry: Mapping[str, Any]) -> tuple[object, ...]:
    forms = ", ".join(f"{form['sender']} {form['form_no']}" for form in entry["stated_by"])
    kind = "personal number" if entry["column"] == "pid" else "old card"
    return (
        entry["number"],
        kind,
        "yes" if entry["in_force"] else "no",
        entry["first_stated"],
        entry["last_stated"],
        forms,
        entry["given_on"],
    )


def _field(field: Mapping[str, Any]) -> tuple[object, ...]:
    source = field["source"]
    row = None if source["row_no"] is None else str(source["row_no"])
    return (
        field["column"],
        field["value"],
        source["stated_on"],
        source["sender"],
        source["file"],
        row,
        source["form_no"],
    )
