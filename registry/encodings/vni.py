"""VNI-Windows: a vowel and, behind it, a sign that is its tone mark, its hat, or both.

Source: the VNI fonts for Windows (`VNI-Times` and others). A few letters have a code of their own. A sign
that stands behind no vowel is the letter of Windows-1252 that it is there.
"""

import codecs

import numpy as np

from registry.encodings.letters import TONED, both_cases, composed

_PLAIN = "øûõùï"  # the tones in the order of `TONES` on a vowel that shows as it is
_HATTED = "àåãáä"  # the same with a circumflex
_BOWED = "èúüéë"  # the same with a breve
_ALONE = {"í": "í", "ì": "ì", "ỉ": "æ", "ĩ": "ó", "ị": "ò", "ỵ": "î", "đ": "ñ", "ơ": "ô", "ư": "ö"}
_BASE = {"â": "a", "ê": "e", "ô": "o", "ă": "a", "ơ": "ô", "ư": "ö"}


def _written() -> dict[str, str]:
    """Letter → what is written for it, as Windows-1252; small letters."""
    table = {"â": "aâ", "ê": "eâ", "ô": "oâ", "ă": "aê"}
    for number, (letter, (vowel, _)) in enumerate(TONED.items()):
        signs = _HATTED if vowel in "âêô" else _BOWED if vowel == "ă" else _PLAIN
        table[letter] = _BASE.get(vowel, vowel) + signs[number % len(signs)]
    return table | _ALONE


_WRITTEN = both_cases(_written())
_CAPITAL_BASES = {written: letter for letter, written in _WRITTEN.items()}
#: A capital with a small sign is common in words that only begin with a capital.
_READ = {written[0] + written[1:].lower(): letter for letter, written in _WRITTEN.items()} | _CAPITAL_BASES

_SIGNS = set("".join(_WRITTEN.values())) - set(map(chr, range(128)))
_ENCODING = str.maketrans(dict.fromkeys(_SIGNS, "\uffff") | _WRITTEN)  # U+FFFF: a letter that VNI has not
_DECODING = bytes(range(256)).decode("cp1252", "replace").replace("\ufffd", "\ufffe")

_LATIN = 256
_ONE = np.arange(1 << 16, dtype=np.uint16)
_TWO = np.zeros((_LATIN, _LATIN), np.uint16)
for _signs, _letter in _READ.items():
    if len(_signs) == 1:
        _ONE[ord(_signs)] = ord(_letter)
    else:
        _TWO[ord(_signs[0]), ord(_signs[1])] = ord(_letter)


def decode(data: bytes, errors: str) -> str:
    """The text, in NFC."""
    text = codecs.charmap_decode(data, errors, _DECODING)[0]
    if text.isascii():
        return text
    signs = np.frombuffer(text.encode("utf-16-le", "surrogatepass"), np.uint16)
    latin = np.where(signs < _LATIN, signs, 0)
    pairs = _TWO[latin[:-1], latin[1:]]
    at = np.flatnonzero(pairs)
    letters = _ONE[signs]
    letters[at] = pairs[at]
    return np.delete(letters, at + 1).tobytes().decode("utf-16-le", "surrogatepass")


def encode(text: str, errors: str) -> bytes:
    """The text as VNI; letters of other languages have no code."""
    return composed(text).translate(_ENCODING).encode("cp1252", errors)
