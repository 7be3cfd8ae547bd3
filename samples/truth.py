"""The truth beside the registers: who each form is of, what went wrong on it, and what must become of it."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples import names, people
from samples.cells import Cells, digits, join
from samples.draw import Flags, Ints
from samples.forms import Forms
from samples.slips import CRITICAL, UNREADABLE, Slips
from samples.writing import Writing

HEADER = b"sender,form_no,person_key,errors,full_name,outcome,style\n"
#: Slips after which the name on the form is not the legal one.
_NAME_SLIPS = ("name_typed_wrong", "name_accents_lost", "name_missing")
_OUTCOMES = ("", "accepted", "quarantined", "unreadable", "accepted;duplicate")
_UNCERTAIN, _ACCEPTED, _QUARANTINED, _UNREADABLE, _TWICE = range(len(_OUTCOMES))
_END = pa.scalar("\n")


def truth_of(sender: str, *, forms: Forms, cells: Cells, slips: Slips, writing: Writing, lost: Flags) -> pa.Array:
    """A chunk's lines, one a form, of the columns in `HEADER`.

    Args:
        sender: the commune's code.
        forms: the forms with their slips of numbers and dates.
        cells: the same as text, with all slips.
        slips: what went wrong.
        writing: how the chunk's files are written.
        lost: forms on which a letter is another one because the encoding has it not.
    """
    errors = slips.labels()
    more = pc.replace_substring_regex(pc.binary_join_element_wise(errors, "letter_lost", ";"), r"^;", "")
    return join(
        pa.scalar(f"{sender},"), cells["form_no"], pa.scalar(","), digits(forms.persons.key, 15), pa.scalar(","),
        pc.if_else(pa.array(lost), more, errors), pa.scalar(","), _legal_names(forms, slips, writing), pa.scalar(","),
        pa.array(_OUTCOMES).take(pa.array(_outcomes(forms, cells, slips, writing))), pa.scalar(f",{writing}"), _END,
    )  # fmt: skip


def _legal_names(forms: Forms, slips: Slips, writing: Writing) -> pa.Array:
    """Names in capitals as on the birth certificate; empty where the form does not bear them letter for letter."""
    legal = names.render(forms.persons.name, upper=True)
    right = ~np.logical_or.reduce([slips.of(name) for name in _NAME_SLIPS])
    return pc.if_else(pc.and_(pa.array(right), writing.keeps(legal)), legal, "")


def taken_as_they_stand(forms: Forms, cells: Cells, slips: Slips, writing: Writing, lost: Flags) -> Flags:
    """Forms that are surely accepted, with every letter of theirs."""
    sound: Flags = (_outcomes(forms, cells, slips, writing) == _ACCEPTED) & ~lost
    return sound


def _outcomes(forms: Forms, cells: Cells, slips: Slips, writing: Writing) -> Ints:
    """Positions in `_OUTCOMES`. Uncertain: a slip that a rule may or may not see."""
    declared = cells["declared_on"].is_valid().to_numpy(zero_copy_only=False)
    unborn = forms.persons.birth > forms.declared
    died_before = (forms.persons.death != people.NO_DAY) & (forms.persons.death < forms.persons.birth)
    ambiguous = np.append(writing.ambiguous_places(), values=False)  # the last one, at -1, is for `NOWHERE`
    doubtful = ambiguous[forms.permanent] | ambiguous[forms.current]
    return np.select(
        [
            np.logical_or.reduce([slips.of(name) for name in UNREADABLE]),
            np.logical_or.reduce([slips.of(name) for name in CRITICAL]) | (unborn & declared) | died_before,
            doubtful | unborn,
            slips.of("sent_twice"),
        ],
        [_UNREADABLE, _QUARANTINED, _UNCERTAIN, _TWICE],
        _ACCEPTED,
    )
