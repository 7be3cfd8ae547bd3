"""Who is who depends on the forms alone."""

import itertools
from collections import defaultdict
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from registry.resolution import KEYS, Neighbours, accept_forms, resolve_forms

from registry.fold import connect
from tests.factories import standard_form, write_load

KIN = {"father_name": "NGUYỄN VĂN CHA", "mother_name": "LÊ THỊ MẸ", "origin_place": "26050"}


class Store:
    """What the store would know after each load: forms with their keys, and where old ids lead."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.forms: dict[str, dict[str, Any]] = {}
        self.aliases: dict[str, str] = {}

    def today(self, person_id: str) -> str:
        while person_id in self.aliases:
            person_id = self.aliases[person_id]
        return person_id

    def take(self, forms: list[dict[str, Any]], *, night: str = "20210630", **load: Any) -> dict[str, str]:
        """Resolves a load; returns the outcome of each form number's last row."""
        write_load(self.folder, forms, load.get("findings", ()))
        with connect() as local:
            accept_forms(
                local,
                standard=self.folder / "standard.parquet",
                findings=self.folder / "findings.parquet",
                held=load.get("held", []),
            )
            local.execute("CREATE TEMP TABLE known (form_id VARCHAR)")
            local.execute(f"CREATE TEMP TABLE members (person_id VARCHAR, {', '.join(f'{k} BIGINT' for k in KEYS)})")
            if self.forms:
                local.executemany("INSERT INTO known VALUES (?)", [[form_id] for form_id in self.forms])
                rows = [[self.today(form["person_id"]), *(form[key] for key in KEYS)] for form in self.forms.values()]
                local.executemany(f"INSERT INTO members VALUES ({', '.join('?' * (1 + len(KEYS)))})", rows)
            resolve_forms(local, neighbours=Neighbours("known", "members"), night=night)
            decided = local.execute("FROM decision").to_arrow_table().to_pylist()
            self.aliases |= dict(local.execute("SELECT old_id, person_id FROM alias").fetchall())
            rows = local.execute(
                "SELECT form_no, coalesce(r.outcome, d.outcome, 'duplicate')"
                " FROM row AS r LEFT JOIN decision AS d USING (file_no, row_no) ORDER BY row_no"
            ).fetchall()
        self.forms |= {form["form_id"]: form for form in decided}
        return dict(rows)

    def partition(self) -> set[frozenset[str]]:
        persons = defaultdict(set)
        for form in self.forms.values():
            persons[self.today(form["person_id"])].add(form["form_id"])
        return {frozenset(forms) for forms in persons.values()}

    def ids(self) -> set[str]:
        return {self.today(form["person_id"]) for form in self.forms.values()}


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ({"pid": "075080000001"}, {"pid": "075080000001", "birth_date": "1981"}, True),
        ({"pid": "075080000001"}, {"pid": "075080000001", "full_name": "NGUYỄN VĂN MÂU"}, True),
        ({"pid": "075080000001"}, {"pid": "075080000001", "full_name": "LÊ VĂN A", "birth_date": "1981"}, False),
        ({"pid": "075080000001"}, {"pid": "075080000002"}, False),
        ({"cmnd_no": "271450001"}, {"cmnd_no": "271450001"}, True),
        ({"cmnd_no": "271450001"}, {"cmnd_no": "271450001", "birth_date": "1981-01-01"}, False),
        (KIN, KIN, True),
        (KIN, {**KIN, "mother_name": "LÊ THỊ KHÁC"}, False),
        ({}, {}, False),
    ],
)
def test_two_forms(store: Store, first: dict[str, str], second: dict[str, str], same: bool) -> None:
    store.take([standard_form(form_no="1", **first)])
    store.take([standard_form(form_no="2", **second)])
    assert len(store.partition()) == (1 if same else 2)


def test_accents_lost_do_not_make_another_person(store: Store) -> None:
    store.take([standard_form(form_no="1", cmnd_no="271450001", full_name="TRẦN THỊ ĐÀO")])
    assert store.take([standard_form(form_no="2", cmnd_no="271450001", full_name="TRAN THI DAO")]) == {"2": "matched"}


def test_a_number_that_another_person_states_waits_for_people(store: Store) -> None:
    other = {"full_name": "LÊ VĂN A", "birth_date": "1990-01-01"}
    assert store.take([standard_form(form_no="1", pid="075080000001")]) == {"1": "new"}
    assert store.take([standard_form(form_no="2", pid="075080000001", **other)]) == {"2": "review"}
    assert store.take([standard_form(form_no="3", pid="075080000001", stated_on=None)]) == {"3": "matched"}


def test_a_form_that_ties_two_persons_joins_them_under_the_older_id(store: Store) -> None:
    store.take([standard_form(form_no="1", pid="075080000001")], night="20210629")
    older = store.ids()
    store.take([standard_form(form_no="2", cmnd_no="271450001")])
    assert len(store.partition()) == 2
    store.take([standard_form(form_no="3", pid="075080000001", cmnd_no="271450001")])
    assert len(store.partition()) == 1
    assert store.ids() == older


def test_same_form_again_is_a_duplicate_and_a_failed_one_is_not_accepted(store: Store) -> None:
    form = standard_form(form_no="1")
    assert store.take([form, form, standard_form(form_no="2", pid="1")]) == {"1": "duplicate", "2": "new"}
    failing = [{"file_no": 0, "row_no": 1, "rule": "ROW-X", "severity": "critical"}]
    assert store.take([standard_form(form_no="3")], findings=failing) == {"3": "quarantined"}
    assert store.take([standard_form(form_no="4")], held=[0]) == {"4": "held"}
    warned = [{"file_no": 0, "row_no": 1, "rule": "ROW-Y", "severity": "warning"}]
    assert store.take([standard_form(form_no="5")], findings=warned) == {"5": "new"}


FORMS = st.lists(
    st.fixed_dictionaries(
        {
            "full_name": st.sampled_from(["NGUYỄN A", "LÊ B", "TRẦN C"]),
            "birth_date": st.sampled_from(["1980", "1980-05-17", "1981-01-01"]),
            "pid": st.sampled_from([None, "1", "2"]),
            "cmnd_no": st.sampled_from([None, "8", "9"]),
            "father_name": st.sampled_from([None, "CHA"]),
            "mother_name": st.just("MẸ"),
            "origin_place": st.just("26050"),
        }
    ),
    min_size=1,
    max_size=7,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(forms=FORMS, cuts=st.sets(st.integers(0, 6)), turn=st.randoms(use_true_random=False))
def test_the_partition_does_not_depend_on_order_or_loads(
    tmp_path: Path, forms: list[dict[str, Any]], cuts: set[int], turn: Any
) -> None:
    """Any order, any grouping into loads of one night: the same persons under the same ids."""
    named = [standard_form(form_no=str(number), **form) for number, form in enumerate(forms)]
    together = Store(tmp_path)
    together.take(named)
    shuffled = turn.sample(named, len(named))
    apart = Store(tmp_path)
    edges = [0, *sorted(cut for cut in cuts if 0 < cut < len(named)), len(named)]
    for start, end in itertools.pairwise(edges):
        apart.take(shuffled[start:end])
    assert apart.partition() == together.partition()
    assert apart.ids() == together.ids()
