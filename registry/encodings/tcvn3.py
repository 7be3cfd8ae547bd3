"""TCVN3, the ABC code: one byte a letter, and no byte for a capital with a tone mark.

Source: TCVN 5712:1993, set VN3; fonts `.VnTime` and, for capitals, `.VnTimeH`, which shows lower-case codes as
capitals. A toned capital is therefore typed with the code of its small letter: `NGUYÔN` for NGUYỄN, `Hµ` for HÀ.
Decoding restores it where the word tells: a toned letter is a capital when a capital follows it, or when
the two letters before it are capitals. `Hµ`, `¸` and `¸nh` tell nothing and are read as Hà, á and ánh.

Encoding writes what the typist writes whenever that is read back as the same word. Else (HÀ, Á, Ánh) it spells
each toned letter of the word as a plain one and one of the five tone marks that VN3 has for itself (0xB0 to 0xB4).
"""

import codecs
import re

import numpy as np

from registry.encodings.letters import TONED, TONES, WORD, composed

#: First byte of a run → the letters of the run. Bytes that are in no run, from 0xA0 on, are no text.
_RUNS: dict[int, str] = {
    0xA0: "\u00a0ĂÂÊÔƠƯĐăâêôơưđ",
    0xB0: TONES,
    0xB5: "àảãáạ",
    0xBB: "ằẳẵắ",
    0xC6: "ặầẩẫấậè",
    0xCE: "ẻẽéẹềểễếệìỉ",
    0xDC: "ĩíịò",
    0xE1: "ỏõóọồổỗốộờởỡớợù",
    0xF1: "ủũúụừửữứựỳỷỹýỵ",
}
_NO_LETTER = "\ufffe"


def _table() -> str:
    """The letter of each byte; 0x80 to 0x9F are the signs of Windows, as in the fonts."""
    table = list(bytes(range(0xA0)).decode("cp1252", "replace").replace("\ufffd", _NO_LETTER) + _NO_LETTER * 0x60)
    for first, run in _RUNS.items():
        table[first : first + len(run)] = run
    return "".join(table)


DECODING = _table()
_ENCODING = codecs.charmap_build(DECODING)

_TONED = "".join(TONED)
_CAPITAL, _SMALL_TONED = 1, 2
_KIND = np.zeros(1 << 16, np.uint8)
_KIND[[ord(letter) for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZĂÂÊÔƠƯĐ"]] = _CAPITAL
_KIND[[ord(letter) for letter in _TONED]] = _SMALL_TONED
_UPPER = np.zeros(1 << 16, np.uint16)
_UPPER[[ord(letter) for letter in _TONED]] = [ord(letter) for letter in _TONED.upper()]
_AS_TYPED = str.maketrans(_TONED.upper(), _TONED)
_SPELT = str.maketrans(
    {letter: vowel + tone for letter, (vowel, tone) in TONED.items()}
    | {letter.upper(): vowel.upper() + tone for letter, (vowel, tone) in TONED.items()}
)
_MARKS = re.compile(f"[{TONES}]")


def decode(data: bytes, errors: str) -> str:
    """The text, in NFC, with capitals restored."""
    text = _restored(codecs.charmap_decode(data, errors, DECODING)[0])
    return composed(text) if _MARKS.search(text) else text


def encode(text: str, errors: str) -> bytes:
    """What a typist's file has for the text."""
    text = composed(text)
    typed = text.translate(_AS_TYPED)
    read = _restored(typed)
    if read != text:
        typed = WORD.sub(
            lambda word: word[0].translate(_AS_TYPED if read[slice(*word.span())] == word[0] else _SPELT), text
        )
    return codecs.charmap_encode(typed, errors, _ENCODING)[0]


def _restored(typed: str) -> str:
    """The text with toned letters as capitals where the letters beside them tell; as long as before."""
    signs = np.frombuffer(typed.encode("utf-16-le", "surrogatepass"), np.uint16)
    kind = _KIND[signs]
    capital = kind == _CAPITAL
    told = np.zeros(signs.size, np.bool_)
    told[:-1] = capital[1:]
    told[2:] |= capital[:-2] & capital[1:-1]
    at = np.flatnonzero(told & (kind == _SMALL_TONED))
    if not at.size:
        return typed
    signs = signs.copy()
    signs[at] = _UPPER[signs[at]]
    return signs.tobytes().decode("utf-16-le", "surrogatepass")
