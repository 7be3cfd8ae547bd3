"""Numbers that the register itself gives: the order in which each range is used up, and what a key must be.

A *range* is the million personal numbers of one province, century, sex and year of birth: their first six digits,
the *prefix*, are the same (Decree 137/2015/ND-CP art. 13), and the other six must tell nothing. The n-th number of a
range is the n-th value of a permutation that only the holder of a key knows. So a counter is all that is kept, no
number comes twice, and whoever has seen many numbers cannot tell the next one.

The permutation is a Feistel network of the shape of FF1 in NIST SP 800-38G: ten rounds over two halves of three
digits, added modulo 1000, with HMAC-SHA-256 as the round function and the prefix as its tweak. A million is a
thousand times a thousand, so the network hits the range exactly and never has to walk on to get back into it.
"""

import datetime as dt
import hmac

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from registry.errors import PlatformError
from registry.identity_numbers import PID_LENGTH, PROVINCES
from registry.persons import DAY_ZERO, GROUPS, PERSON_SCHEMA
from registry.places import Gazetteer
from registry.writing import TEXT

#: Numbers in a range.
RANGE = 1_000_000

#: From this day on provinces are others, and the prefixes of births since then are not known to us.
NEW_PROVINCES = dt.date(2025, 7, 1)

#: The group of a person that a number belongs to.
PID = next(group for group in GROUPS if group.name == "pid")

#: Trust of an allocated number in its stamp: a number that a form states always comes before it.
ALLOCATED_TRUST = 0

_SHORTEST_KEY = 32
_ROUNDS = 10
_HALF = 1_000
_WORDS_OF_A_DIGEST = 8

Integers = npt.NDArray[np.int64]


def read_key(secret: str) -> bytes:
    """Returns the key that a secret text stands for.

    Raises:
        PlatformError: it is shorter than 32 characters.
    """
    if len(secret) < _SHORTEST_KEY:
        raise PlatformError(
            f"DANCU_ALLOCATION_KEY has fewer than {_SHORTEST_KEY} characters: no number is given."
            " The operator makes one with `openssl rand -hex 32`"
        )
    return secret.encode()


def key_check(key: bytes) -> str:
    """Returns 16 hex digits by which the key is known again, and from which it cannot be told."""
    return hmac.digest(key, b"dancu allocation: key check", "sha256")[:8].hex()


def draw(key: bytes, prefix: str, *, first: int, count: int) -> Integers:
    """Returns the numbers of a range that stand at places `first` to `first + count - 1` of its secret order.

    Args:
        key: see `read_key`.
        prefix: six digits: province, century and sex, year.
        first: from 0; `first + count` is `RANGE` at most.
        count: how many.

    Returns:
        Whole numbers of up to twelve digits; those of all `RANGE` places are all numbers of the range, each once.
    """
    left, right = np.divmod(np.arange(first, first + count, dtype=np.int64), _HALF)
    for turn in range(_ROUNDS):
        left, right = right, (left + _round(key, f"{prefix} {turn}", right)) % _HALF
    return int(prefix) * RANGE + left * _HALF + right


def _round(key: bytes, tweak: str, half: Integers) -> Integers:
    """The round function of each value of a half, hashed once for each eight values that occur.

    A digest is eight words of 32 bits; a word modulo 1000 is even to less than one part in a million.
    """
    occurs = np.zeros(_HALF // _WORDS_OF_A_DIGEST, dtype=np.bool_)
    occurs[half // _WORDS_OF_A_DIGEST] = True
    digests = (
        hmac.digest(key, f"dancu allocation: {tweak} {block}".encode(), "sha256") for block in np.flatnonzero(occurs)
    )
    words = np.zeros((len(occurs), _WORDS_OF_A_DIGEST), dtype=np.int64)
    words[occurs] = np.frombuffer(b"".join(digests), dtype=">u4").reshape(-1, _WORDS_OF_A_DIGEST)
    return words.ravel()[half] % _HALF


def as_text(numbers: Integers) -> pa.Array:
    """Returns whole numbers as large_string of twelve digits."""
    return pc.utf8_lpad(pc.cast(pa.array(numbers), TEXT), PID_LENGTH, "0")


def stamp_base(day: dt.date) -> int:
    """Returns the stamp (see `registry.persons`) of a number allocated on a day, less the number itself.

    The number takes the place of the form: below 097…, it fits its 39 bits, and of two numbers that were allocated
    to one person on the same day the greater one stays, whatever came first.
    """
    return PID.pack(trust=ALLOCATED_TRUST, completeness=1, day=(day - DAY_ZERO).days)


def birth_province(gazetteer: Gazetteer, code: str, valid_from: dt.date) -> str | None:
    """Returns the first three digits of numbers whose holders' birth was registered in a commune.

    Args:
        gazetteer: of all states.
        code: the commune's.
        valid_from: the first day of its state. Communes of the states since `NEW_PROVINCES` have no such digits: most
            were made of several old ones, so the old province is not certain, and the new one's code may be another's.
    """
    province = gazetteer.province_of(code, valid_from) if valid_from < NEW_PROVINCES else None
    digits = f"0{province}"
    return digits if digits in PROVINCES else None


#: Numbers that the register gave: the number, whose it is today, and the night when it was given.
ALLOCATED_SCHEMA = pa.schema(
    [("number", pa.large_string()), ("person_id", pa.large_string()), ("business_date", pa.date32())]
)


def allocated_persons(allocated: str) -> str:
    """SQL that gives every row of a relation (number, person_id, business_date) as a person who has nothing else.

    So it joins the fold of that person's forms, where a number that a form states comes before it.
    """
    days = f"((business_date - DATE '{DAY_ZERO}')::BIGINT << {PID.shift('day')})"
    filled = {
        "person_id": "person_id",
        "pid": "number",
        "pid_stamp": f"{stamp_base(DAY_ZERO)} + {days} + number::BIGINT",
        "conflicts": "0::SMALLINT",
    }
    return (
        f"SELECT {', '.join(f'{filled.get(field.name, _nothing(field))} AS {field.name}' for field in PERSON_SCHEMA)}"
        f" FROM {allocated}"
    )


def _nothing(field: pa.Field) -> str:
    kinds = {pa.int64(): "BIGINT", pa.date32(): "DATE"}
    return f"NULL::{kinds.get(field.type, 'VARCHAR')}"
