"""What `dancu person` prints: one person in short tables of text."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dancu.show import table

#: What happened, in words.
_WHAT = {
    "came": "form came",
    "joined": "form joined",
    "left": "form left",
    "renamed": "form went with the id",
    "number": "number given",
}

#: How a form that came was judged by a pair, before the pair's weight.
_RULES = {"weight": "tied by weight", "undecided": "undecided by weight"}


def person_lines(portrait: Mapping[str, Any]) -> Iterator[str]:
    """One person with the source of each field, what ties its forms, and what happened to it."""
    as_of = f" after the night of {portrait['as_of']}" if portrait["as_of"] else ""
    yield f"Person {portrait['person_id']}{as_of}{_review(portrait)}"
    if portrait["asked_for"] != portrait["person_id"]:
        yield f"(asked for as {portrait['asked_for']}, an old id)"
    yield ""
    yield from table(
        ("field", "value", "stated on", "sender", "file", "row", "form"),
        [_field(field) for field in portrait["fields"]],
    )
    yield from _conflict_lines(portrait)
    if portrait["numbers"]:
        yield ""
        yield from table(
            ("number", "", "in force", "first stated", "last stated", "stated by", "given on"),
            [_number(entry) for entry in portrait["numbers"]],
        )
    yield ""
    yield from table(
        ("night", "outcome", "rule", "sender", "file", "row", "form", "judged as"),
        [
            (*(form[key] for key in ("night", "outcome", "rule", "sender", "file")), str(form["row_no"]),
             form["form_no"], form["judged_as"])
            for form in portrait["forms"]
        ],
    )  # fmt: skip
    yield from _tie_lines(portrait)
    yield from _history_lines(portrait["history"])
    yield from _other_lines(portrait)


def _other_lines(portrait: Mapping[str, Any]) -> Iterator[str]:
    for old in portrait["old_ids"]:
        yield f"Old id {old['old_id']}, tied on the night of {old['night']}"
    for rival in portrait["rivals"]:
        yield f"Rival {rival['person_id']}, weight {rival['weight']}: may be the same, or states one number with it"
    for card in portrait["cards"]:
        yield _card_line(card)


def _tie_lines(portrait: Mapping[str, Any]) -> Iterator[str]:
    """The pairs that tie the forms, and those that wait between them and others', with the parts of their weights."""
    linkage = portrait["linkage"]
    headers = ("weight", *linkage["comparisons"], "night", "what a reviewer said")
    parts = f"log2 of the odds: {linkage['prior']} to begin with, and what each comparison adds"
    if portrait["ties"]:
        yield ""
        yield f"What ties the forms ({parts}; {linkage['match_weight']} and more ties)"
        yield from table(("form", "form", *headers), [_tie(tie, linkage) for tie in portrait["ties"]])
    waiting = [(rival["person_id"], tie) for rival in portrait["rivals"] for tie in rival["pairs"]]
    if waiting:
        yield ""
        yield f"Pairs with forms of others that wait for people ({parts})"
        rows = [(*_tie(tie, linkage), rival) for rival, tie in waiting]
        yield from table(("form", "form", *headers, "rival"), rows)


def _tie(tie: Mapping[str, Any], linkage: Mapping[str, Any]) -> tuple[object, ...]:
    said = tie["said"]
    word = f"{said['said_on']} {said['reviewer']}: {said['verdict']}" if said else ""
    return (
        *(f"{form['sender']} {form['form_no']}" for form in tie["forms"]),
        tie["weight"],
        *(tie["parts"].get(comparison) for comparison in linkage["comparisons"]),
        tie["night"],
        f"{word} ({said['reason']})" if said and said["reason"] else word,
    )


def _history_lines(history: Sequence[Mapping[str, Any]]) -> Iterator[str]:
    """What happened, a line each."""
    if history:
        yield ""
        yield from table(("day", "what happened", "sender", "form", "", "by"), [_event(event) for event in history])


def _event(event: Mapping[str, Any]) -> tuple[object, ...]:
    form = event["form"] or {"sender": "", "form_no": ""}
    what = _WHAT.get(event["what"], event["what"].replace("_", " "))
    return (event["day"], what, form["sender"], form["form_no"], _details(event), _cause(event))


def _details(event: Mapping[str, Any]) -> str:
    if "rule" in event:
        return {
            "came": event["rule"] if event["weight"] is None else f"{_RULES[event['rule']]} {event['weight']}",
            "joined": f"{event['rule']} from {event['from_person']}",
            "left": f"{event['rule']} to {event['to_person']}",
            "renamed": f"{event['rule']} from {event['from_person']}",
        }[event["what"]]
    if "field" in event:
        return f"{event['field']}: {event['corrected_from'] or 'nothing'} is {event['corrected_to']}"
    return str(event["number"] if "number" in event else (event["changes"] or "everything").replace(";", ", "))


def _cause(event: Mapping[str, Any]) -> str:
    """The load, or the reviewer and why."""
    if "rule" not in event:
        return ""
    if event["reviewer"]:
        return f"{event['reviewer']}: {event['reason']}" if event["reason"] else str(event["reviewer"])
    return f"load {event['load_no']}"


def _card_line(card: Mapping[str, Any]) -> str:
    """Where a card stands."""
    why = f" ({card['reason']})" if card["reason"] else ""
    batch = f", batch {card['sequence']} to {card['centre']}" if card["sequence"] else ""
    held = f", on hold: {card['on_hold']}" if card["on_hold"] else ""
    state = f"{card['state']}{why} since {card['since']}"
    return f"Card of dossier {card['number']} of {card['station']}: {state}{batch}{held}"


def _review(portrait: Mapping[str, Any]) -> str:
    """Whether people must decide about the person, and what."""
    if not portrait["in_review"]:
        return ""
    unsettled = ", ".join(conflict["group"] for conflict in portrait["conflicts"] if not conflict["settled"])
    reasons = [f"trusted sources disagree on {unsettled}"] if unsettled else []
    corrected = ", ".join(one["field"] for one in portrait["corrections"] if one["in_conflict"])
    if corrected:
        reasons.append(f"a correction of {corrected} is of a value that is not there")
    if portrait["rivals"]:
        reasons.append("another person may be the same, or states the same number")
    return f", in review{': ' if reasons else ''}{'; '.join(reasons)}"


def _conflict_lines(portrait: Mapping[str, Any]) -> Iterator[str]:
    """What other forms say, and where that is a conflict."""
    rivals = [
        (field["column"], rival["value"], *(form[key] for key in ("stated_on", "sender", "file")), str(form["row_no"]),
         form["form_no"])
        for field in portrait["fields"]
        for rival in field["rivals"]
        for form in rival["stated_by"]
    ]  # fmt: skip
    if rivals:
        yield ""
        yield from table(("field", "other value", "stated on", "sender", "file", "row", "form"), rivals)
    for conflict in portrait["conflicts"]:
        state = "settled by a decision" if conflict["settled"] else "to be verified"
        yield f"Trusted sources disagree on {conflict['group']}: {state}"
    for one in portrait["corrections"]:
        if one["in_conflict"]:
            form = one["stated_by"]
            yield (
                f"Correction {form['sender']} {form['form_no']} is in conflict: {one['field']} was not"
                f" {one['corrected_from'] or 'empty'} when it was corrected to {one['corrected_to']}"
            )


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
