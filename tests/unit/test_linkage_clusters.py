"""Who is one person follows from pairs, constraints and verdicts, in whatever order they come."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.linkage.clusters import DIFFERENT, MEMBER_SCHEMA, NEVER, PAIR_SCHEMA, SAME, UNSURE, cluster_forms, is_slip

MATCH = 6.0
AN, BINH = 75_080_000_001, 75_080_123_456


def form(form_id: str, **facts: int) -> dict[str, Any]:
    return {"form_id": form_id, "member": ord(form_id), **facts}


def pair(one: str, other: str, weight: float, verdict: str | None = None) -> tuple[str, str, float, str | None]:
    return (one, other, weight, verdict)


def persons(
    forms: Sequence[dict[str, Any]], pairs: Sequence[tuple[str, str, float, str | None]]
) -> set[frozenset[str]]:
    place = {row["form_id"]: at for at, row in enumerate(forms)}
    members = pa.Table.from_pylist(list(forms), schema=MEMBER_SCHEMA)
    rows = [{"a": place[one], "b": place[other], "weight": w, "verdict": v} for one, other, w, v in pairs]
    labels = cluster_forms(members, pa.Table.from_pylist(rows, schema=PAIR_SCHEMA), match_weight=MATCH)
    found = defaultdict(set)
    for row, label in zip(forms, labels.tolist(), strict=True):
        found[label].add(row["form_id"])
    return {frozenset(names) for names in found.values()}


def split(text: str) -> set[frozenset[str]]:
    return {frozenset(names) for names in text.split()}


def test_a_chain_of_pairs_is_one_person() -> None:
    assert persons([form("a"), form("b"), form("c")], [pair("a", "b", 9), pair("b", "c", 7)]) == split("abc")


def test_a_pair_below_the_weight_ties_nobody() -> None:
    assert persons([form("a"), form("b")], [pair("a", "b", 5.9)]) == split("a b")


def test_two_numbers_are_two_persons_however_the_chain_runs_and_the_heavier_pair_stays() -> None:
    forms = [form("a", number=AN), form("x"), form("b", number=BINH)]
    assert persons(forms, [pair("a", "x", 9), pair("x", "b", 12)]) == split("a xb")
    assert persons(forms, [pair("a", "x", 12), pair("x", "b", 9)]) == split("ax b")


def test_a_slip_of_a_number_is_one_person_with_the_same_name_alone() -> None:
    slip = AN + 30
    assert persons([form("a", number=AN, name=1), form("b", number=slip, name=1)], [pair("a", "b", 20)]) == split("ab")
    assert persons([form("a", number=AN, name=1), form("b", number=slip, name=2)], [pair("a", "b", 20)]) == split("a b")


@pytest.mark.parametrize("change", [{"known_number": AN}, {"known_number": BINH}])
def test_a_change_of_number_on_record_makes_two_numbers_one_person(change: dict[str, int]) -> None:
    other = BINH if change["known_number"] == AN else AN
    forms = [form("a", number=AN), form("b", number=BINH), form("m", number=other, **change)]
    pairs = [pair("a", "m", 20), pair("b", "m", 20), pair("a", "b", 19)]
    assert persons(forms, pairs) == split("abm")


def test_rows_of_one_register_are_two_members_unless_name_and_number_or_birth_agree() -> None:
    members = [form(name, register=7) for name in "mtu"]
    assert persons(members, [pair("t", "u", 30), pair("m", "t", 8)]) == split("m t u")
    again = [form("a", register=7, member=1, name=5, number=AN), form("b", register=7, member=2, name=5, number=AN)]
    assert persons(again, [pair("a", "b", 30)]) == split("ab")
    copied = [form("a", register=7, member=1, name=5, number=AN), form("b", register=7, member=2, name=6, number=AN)]
    assert persons(copied, [pair("a", "b", 30)]) == split("a b")


@pytest.mark.parametrize(
    ("weight", "verdict", "together"),
    [(1, SAME, True), (30, NEVER, False), (30, DIFFERENT, False), (30, UNSURE, True), (1, UNSURE, False)],
)
def test_what_a_reviewer_says_of_a_pair_holds(weight: float, verdict: str, together: bool) -> None:
    found = persons([form("a"), form("b")], [pair("a", "b", weight, verdict)])
    assert found == (split("ab") if together else split("a b"))


def test_different_frees_a_pair_and_never_parts_a_chain() -> None:
    forms = [form("a"), form("x"), form("b")]
    chain = [pair("a", "x", 9), pair("x", "b", 8)]
    assert persons(forms, [*chain, pair("a", "b", 12, DIFFERENT)]) == split("axb")
    assert persons(forms, [*chain, pair("a", "b", 12, NEVER)]) == split("ax b")


def test_never_parts_a_chain_of_what_reviewers_tied() -> None:
    forms = [form("a"), form("x"), form("b")]
    said = [pair("a", "x", 2, SAME), pair("x", "b", 1, SAME), pair("a", "b", 9, NEVER)]
    assert persons(forms, said) == split("ax b")


def test_a_reviewer_may_tie_what_two_numbers_keep_apart() -> None:
    forms = [form("a", number=AN), form("b", number=BINH)]
    assert persons(forms, [pair("a", "b", -20, SAME)]) == split("ab")


@pytest.mark.parametrize(
    ("one", "other", "slip"),
    [
        (75_080_000_001, 75_080_000_009, True),
        (75_080_000_012, 75_080_000_021, True),
        (75_080_000_012, 75_080_000_045, False),
        (75_080_000_001, 75_080_000_001, False),
        (75_080_001_002, 75_080_002_001, False),
    ],
)
def test_a_slip_is_one_digit_or_two_neighbours(one: int, other: int, slip: bool) -> None:
    assert is_slip(one, other) is slip


NAMES = "abcdefgh"
FORMS = st.lists(
    st.builds(
        lambda number, register, member, name: {"number": number, "register": register, "member": member, "name": name},
        st.sampled_from([None, None, AN, AN + 30, BINH]),
        st.sampled_from([None, None, 1, 2]),
        st.integers(0, 2),
        st.integers(0, 1),
    ),
    min_size=len(NAMES),
    max_size=len(NAMES),
)
PAIRS = st.dictionaries(
    st.tuples(st.sampled_from(NAMES), st.sampled_from(NAMES)).filter(lambda two: two[0] < two[1]),
    st.tuples(
        st.sampled_from([-3.0, 4.0, 7.0, 8.0, 20.0]), st.sampled_from([None, None, None, SAME, NEVER, DIFFERENT])
    ),
    max_size=14,
)


@given(FORMS, PAIRS, st.randoms(use_true_random=False))
def test_no_order_of_forms_and_pairs_changes_who_is_one_person(
    facts: list[dict[str, int]], said: dict[tuple[str, str], tuple[float, str | None]], random: Any
) -> None:
    forms = [{"form_id": name, **fact} for name, fact in zip(NAMES, facts, strict=True)]
    pairs = [pair(*two, *what) for two, what in said.items()]
    found = persons(forms, pairs)
    random.shuffle(forms)
    random.shuffle(pairs)
    turned = [pair(b, a, w, v) if random.random() < 0.5 else pair(a, b, w, v) for a, b, w, v in pairs]
    assert persons(forms, turned) == found


@given(FORMS, PAIRS)
def test_nothing_joins_two_who_never_are_one(
    facts: list[dict[str, int]], said: dict[tuple[str, str], tuple[float, str | None]]
) -> None:
    forms = [{"form_id": name, **fact} for name, fact in zip(NAMES, facts, strict=True)]
    found = persons(forms, [pair(*two, *what) for two, what in said.items()])
    never = [set(two) for two, (_, verdict) in said.items() if verdict == NEVER]
    assert not any(two <= person for two in never for person in found)


@given(FORMS, PAIRS)
def test_no_person_breaks_a_constraint_that_no_reviewer_lifted(
    facts: list[dict[str, int]], said: dict[tuple[str, str], tuple[float, str | None]]
) -> None:
    forms = dict(zip(NAMES, facts, strict=True))
    said = {two: what for two, what in said.items() if what[1] != SAME}
    found = persons(
        [{"form_id": name, **fact} for name, fact in forms.items()], [pair(*two, *what) for two, what in said.items()]
    )
    for person in found:
        for one in person:
            for other in person - {one}:
                a, b = forms[one], forms[other]
                if a["number"] and b["number"] and a["number"] != b["number"]:
                    assert a["name"] == b["name"]
                    assert is_slip(a["number"], b["number"])
                if a["register"] and a["register"] == b["register"] and a["member"] != b["member"]:
                    assert a["name"] == b["name"]
                    assert a["number"] == b["number"]
