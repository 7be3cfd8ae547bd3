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

_CAPITALS = "A-ZĂÂÊÔƠƯĐ"
_TONED = "".join(TONED)
_SHOWN_AS_CAPITAL = re.compile(f"[{_TONED}](?:(?=[{_CAPITALS}])|(?<=[{_CAPITALS}][{_CAPITALS}].))")
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
    if _restored(typed) != text:
        typed = WORD.sub(lambda word: _word(word[0]), text)
    return codecs.charmap_encode(typed, errors, _ENCODING)[0]


def _restored(typed: str) -> str:
    return _SHOWN_AS_CAPITAL.sub(lambda letter: letter[0].upper(), typed)


def _word(word: str) -> str:
    typed = word.translate(_AS_TYPED)
    return typed if _restored(typed) == word else word.translate(_SPELT)
