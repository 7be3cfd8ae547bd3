"""History: what happened to a person, in order: judgements, movements, corrections, numbers that were given."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from registry.past import Judgement, Past

#: What happened when a form came → the judgement's rule.
CAME, JOINED, LEFT, RENAMED = "came", "joined", "left", "renamed"


def history_of(
    past: Past,
    person_id: str,
    forms: Sequence[Mapping[str, Any]],
    *,
    stated: Sequence[Mapping[str, Any]],
    given: Sequence[Mapping[str, Any]],
) -> list[dict[str, Any]]:
    """What happened to a person.

    Args:
        past: its judgements.
        person_id: the person.
        forms: form_id, sender and form_no of all forms that it has or once had.
        stated: its forms as archived.
        given: numbers that the register gave it (number, given_on).

    Returns:
        By day: `day`, `what` (of a judgement `came`, `joined`, `left` or `renamed`; of a movement its kind; `number`),
        `form` (sender, form_no, form_id; None of a number), and of a judgement `rule`, `weight`, `from_person`,
        `to_person`, `load_no`, `reviewer` and `reason`; of a movement `changes`, of a correction also `field`,
        `corrected_from` and `corrected_to`; of a number `number`.
    """
    named = {form["form_id"]: {key: form[key] for key in ("sender", "form_no", "form_id")} for form in forms}
    ids = {person_id, *past.old_ids(person_id)}
    events = [
        *({"form": named[judged.form_id], **event} for judged in past.judgements for event in _judged(judged, ids)),
        *({"form": named[form["form_id"]], **_moved(form)} for form in stated if form["movement"]),
        *({"form": None, "day": one["given_on"], "what": "number", "number": one["number"]} for one in given),
    ]
    return sorted(events, key=lambda event: event["day"])


def _judged(judged: Judgement, ids: set[str]) -> Iterator[dict[str, Any]]:
    """What a judgement did to the person with these ids, if anything."""
    has, had = judged.person_id in ids, judged.before in ids
    if not (has or had):
        return
    came = JOINED if judged.before else CAME
    yield {
        "day": judged.night.isoformat(),
        "what": RENAMED if has and had else came if has else LEFT,
        "rule": judged.rule,
        "weight": judged.weight,
        "from_person": judged.before,
        "to_person": judged.person_id,
        "load_no": judged.load_no,
        "reviewer": judged.reviewer,
        "reason": judged.reason,
    }


def _moved(form: Mapping[str, Any]) -> dict[str, Any]:
    event = {"day": form["occurred_on"], "what": form["movement"], "changes": form["changes"]}
    if form["field"]:
        event |= {"field": form["field"], "corrected_from": form["corrected_from"], "corrected_to": form["new_value"]}
    return event
