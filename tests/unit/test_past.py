"""Judgements played again: whose a form was, and where an id led, whatever was tied and parted in between."""

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from registry.past import Past, play

#: What is judged at once: form → person. A few of each, so that persons are tied, parted and come back.
AT_ONCE = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(["P1", "P2", "P3", "P4"]), min_size=1)


def played(*steps: dict[str, str]) -> Past:
    return play(
        {
            "form_id": form, "person_id": person, "rule": "weight", "weight": 9.5, "load_no": number,
            "verdict_no": None, "night": dt.date(2021, 7, number), "reviewer": None, "reason": None,
        }
        for number, step in enumerate(steps, start=1)
        for form, person in sorted(step.items())
    )  # fmt: skip


def test_a_tied_id_leads_to_the_person_it_is_part_of() -> None:
    past = played({"a": "P1", "b": "P2"}, {"b": "P1"})
    assert past.forms("P1") == ["a", "b"]
    assert [past.today(one) for one in ("P1", "P2", "P3")] == ["P1", "P1", None]
    assert [(old, judged.load_no) for old, judged in past.old_ids("P1").items()] == [("P2", 2)]


def test_ids_lead_on_when_the_person_is_tied_to_a_third() -> None:
    past = played({"a": "P1", "b": "P2", "c": "P3"}, {"c": "P2"}, {"b": "P1", "c": "P1"})
    assert [past.today(one) for one in ("P1", "P2", "P3")] == ["P1", "P1", "P1"]


def test_an_id_that_comes_back_leads_nowhere_else() -> None:
    past = played({"a": "P1", "b": "P2"}, {"b": "P1"}, {"b": "P2"})
    assert past.today("P2") == "P2"
    assert past.old_ids("P1") == {}


def test_an_id_leads_to_where_most_of_its_forms_went() -> None:
    past = played({"a": "P1", "b": "P1", "c": "P1"}, {"a": "P2", "b": "P3", "c": "P3"})
    assert past.today("P1") == "P3"
    past = played({"a": "P1", "b": "P1"}, {"a": "P3", "b": "P2"})
    assert past.today("P1") == "P3"


@given(st.lists(AT_ONCE, min_size=1, max_size=8))
def test_every_id_that_ever_had_a_form_leads_to_a_person_who_has_one(steps: list[dict[str, str]]) -> None:
    past = played(*steps)
    last = {form: person for step in steps for form, person in step.items()}
    assert past.person_of == last
    for person in {person for step in steps for person in step.values()}:
        assert past.today(person) in last.values()
        assert (past.today(person) == person) == (person in last.values())


@given(st.lists(AT_ONCE, min_size=2, max_size=8))
def test_what_was_known_before_does_not_depend_on_what_comes_later(steps: list[dict[str, str]]) -> None:
    early, late = played(*steps[:-1]), played(*steps)
    assert late.judgements[: len(early.judgements)] == early.judgements
