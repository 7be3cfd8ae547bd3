"""The parts that sample registers are made of."""

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from samples import cells, households, names, numbers, places, slips
from samples.draw import stream, weighted_table
from samples.layout import CHUNK_ROWS, Layout, lay_out


def _layout(forms: int, seed: int = 0) -> Layout:
    return lay_out(forms, communes=places.load().of_province("75"), seed=seed, province=75)


@settings(max_examples=40, deadline=None)
@given(forms=st.integers(1, 3_000_000), seed=st.integers(0, 99))
def test_chunks_add_up_and_stay_small(forms: int, seed: int) -> None:
    chunks = _layout(forms, seed).chunks
    assert sum(chunk.rows for chunk in chunks) == forms
    assert all(1 <= chunk.rows <= CHUNK_ROWS for chunk in chunks)
    sequences = [(chunk.commune, sequence) for chunk in chunks for sequence in chunk.sequences()]
    assert len(set(sequences)) == len(sequences)


@settings(max_examples=20, deadline=None)
@given(forms=st.integers(1, 1_000_000), seed=st.integers(0, 99))
def test_both_ends_of_a_move_agree(forms: int, seed: int) -> None:
    layout = _layout(forms, seed)
    arrivals = {move for chunk in layout.chunks for move in layout.arrivals(chunk)}
    departures = {move for chunk in layout.chunks for move in layout.departures(chunk)}
    assert arrivals == departures
    assert all(move.home.commune != move.arrival.commune for move in arrivals if move.persons)
    for chunk in layout.chunks:
        moves = [*layout.arrivals(chunk), *layout.departures(chunk)]
        assert sum(move.persons for move in moves) < chunk.rows


@given(st.lists(st.integers(-1, 10**12 - 1), min_size=1))
def test_numbers_keep_their_leading_zeros(values: list[int]) -> None:
    expected = [f"{value:012d}" if value >= 0 else None for value in values]
    assert cells.digits(np.array(values), 12).to_pylist() == expected


def test_serials_of_two_batches_never_meet() -> None:
    size = 5_000
    drawn = [
        numbers.personal_numbers(
            province=np.full(size, 75),
            male=np.arange(size) % 2 == 0,
            birth_year=np.full(size, 1999 + block % 2),
            has=np.ones(size, dtype=np.bool_),
            block=block,
            blocks=300,
        )
        for block in range(4)
    ]
    together = np.concatenate(drawn)
    assert (np.sort(together)[1:] != np.sort(together)[:-1]).all()
    assert {str(number).zfill(12)[:6] for number in together.tolist()} == {
        "075099",
        "075199",
        "075200",
        "075300",
    }


def test_a_batch_whose_block_is_used_up_leaves_persons_without_a_number() -> None:
    cards = numbers.card_numbers(province=np.full(50, 75), has=np.arange(50) < 40, block=1, blocks=10**6)
    assert np.count_nonzero(cards >= 0) == 10
    assert all(str(card).startswith("27") for card in cards[cards >= 0].tolist())


@given(st.integers(1, 3_000), st.integers(0, 50))
@settings(max_examples=30, deadline=None)
def test_households_hold_exactly_the_persons_asked_for(persons: int, seed: int) -> None:
    drawn = households.draw_households(stream(seed), persons)
    assert drawn.present.sum() == persons
    assert drawn.present[:, households.HEAD].all()


def test_a_wrongly_typed_name_is_never_the_right_one() -> None:
    rng = stream(7)
    kinh = np.zeros(4_000, dtype=np.int8)
    young = np.ones(4_000, dtype=np.bool_)
    drawn = names.draw_names(rng, surnames=names.draw_surnames(rng, kinh), ethnicity=kinh, male=young, young=young)
    right = names.render(drawn, upper=False)
    table = {"full_name": right}
    slips._mistype(rng, table, "full_name", young)
    wrong = table["full_name"].to_pylist()
    assert all(one != other for one, other in zip(right.to_pylist(), wrong, strict=True))
    assert len({len(one) - len(other) for one, other in zip(right.to_pylist(), wrong, strict=True)}) == 3


def test_plain_text_has_neither_accents_nor_the_crossed_d() -> None:
    assert slips.plain(pa.array(["Đặng Thị Ưng", "nguyễn đức"])).to_pylist() == ["Dang Thi Ung", "nguyen duc"]


def test_a_table_holds_values_by_weight() -> None:
    table = weighted_table([5, 9], [3, 1])
    assert np.count_nonzero(table == 5) == 3 * np.count_nonzero(table == 9)


def test_names_are_rendered_in_both_cases_and_absent_ones_are_null() -> None:
    rng = stream(1)
    one = np.zeros(1, dtype=np.int8)
    yes = np.ones(1, dtype=np.bool_)
    name = names.draw_names(rng, surnames=names.draw_surnames(rng, one), ethnicity=one, male=yes, young=yes)
    both = np.append(name, names.NO_NAME)
    text = names.render(both, upper=False).to_pylist()
    assert names.render(both, upper=True).to_pylist() == [text[0].upper(), None]
    assert text[1] is None


@pytest.mark.parametrize("province", ["01", "75", "96"])
def test_every_province_has_its_communes(province: str) -> None:
    known = places.load()
    found = known.of_province(province)
    assert found.size > 50
    assert set(known.provinces[found].tolist()) == {int(province)}
