"""VIQR: Vietnamese in ASCII, with the signs ^ ( + for the shape of a vowel and ' ` ? ~ . for its tone.

Source: RFC 1456. A backslash before a sign takes its meaning away; `*` is read for `+` as many typists write it.
"""

import re

from registry.encodings.letters import TONED, both_cases, composed

_SHAPES = {"ă": "a(", "â": "a^", "ê": "e^", "ô": "o^", "ơ": "o+", "ư": "u+", "đ": "dd"}
_TONE_SIGNS = dict(zip("\u0300\u0309\u0303\u0301\u0323", "`?~'.", strict=True))
_WRITTEN = both_cases(
    _SHAPES | {letter: _SHAPES.get(vowel, vowel) + _TONE_SIGNS[tone] for letter, (vowel, tone) in TONED.items()}
)
_READ = {written: letter for letter, written in _WRITTEN.items()} | {"Dd": "Đ"}
_READ |= {written.replace("+", "*"): letter for written, letter in _READ.items() if "+" in written}
_READ |= {f"\\{sign}": sign for sign in "^(+*'`?~.dD\\"}

_LETTER = re.compile(
    r"\\[\^(+*'`?~.dD\\]|dd|D[Dd]|(?:[aA][\^(]|[eE]\^|[oO][\^+*]|[uU][+*])['`?~.]?|[aeiouyAEIOUY]['`?~.]"
)
_VOWELS = "aeiouyAEIOUY" + "".join(letter for letter in _WRITTEN if letter not in "đĐ")
_LITERAL = re.compile(rf"\\|(?<=[{_VOWELS}])[\^(+*'`?~.]|[dD](?=[dDđĐ])")
_ENCODING = str.maketrans(_WRITTEN)


def decode(data: bytes, errors: str) -> str:
    """The text, in NFC."""
    return _LETTER.sub(lambda signs: _READ[signs[0]], data.decode("ascii", errors))


def encode(text: str, errors: str) -> bytes:
    """The text as VIQR, with a backslash before every sign that would be read as a mark."""
    return _LITERAL.sub(r"\\\g<0>", composed(text)).translate(_ENCODING).encode("ascii", errors)
