"""Names of persons: the legal name as it is written, the keys that two spellings of it share, and its parts.

The legal name is that of the birth certificate (Circular 66/2015/TT-BCA art. 18: capitals, every mark). Nothing is
changed in it but what nobody sees: letters of other scripts that look like Latin ones, inside a name that is
otherwise Latin. Where that is not certain the name stays as it was sent, and a rule tells its sender.
"""

import re
import unicodedata

import pyarrow as pa
import pyarrow.compute as pc

from registry.encodings.letters import TONED, TONES
from registry.writing import TEXT, matching, on_some, tones_in_place, without_accents

#: Đ has look-alikes that are other letters: Icelandic Ð (U+00D0) and African Ɖ (U+0189).
_STROKED = dict(zip((0xD0, 0x189, 0xF0, 0x256), "ĐĐđđ", strict=True))
#: Full-width ASCII, as East Asian input methods type it.
_FULL_WIDTH = {wide: chr(wide - 0xFEE0) for wide in range(0xFF01, 0xFF5F)}
#: Cyrillic and Greek letters drawn like Latin ones. Of the small letters only those that are drawn alike and whose
#: capitals are too: a small Greek nu looks like v, its capital like N, so nobody can tell which was meant.
_CYRILLIC = dict(
    zip(
        "\u0410\u0412\u0415\u041a\u041c\u041d\u041e\u0420\u0421\u0422\u0423\u0425\u0405\u0406\u0408\u051a\u051c"
        "\u0430\u0435\u043a\u043e\u0440\u0441\u0443\u0445\u0455\u0456\u0458\u051b\u051d",
        "ABEKMHOPCTYXSIJQWaekopcyxsijqw",
        strict=True,
    )
)
_GREEK = dict(
    zip(
        "\u0391\u0392\u0395\u0396\u0397\u0399\u039a\u039c\u039d\u039f\u03a1\u03a4\u03a5\u03a7\u03bf",
        "ABEZHIKMNOPTYXo",
        strict=True,
    )
)
_LOOK_ALIKES = {ord(letter): latin for letter, latin in (_CYRILLIC | _GREEK).items()} | _STROKED | _FULL_WIDTH
#: Letters that are neither look-alikes nor outside Latin as Vietnamese composes it: these are in NFC.
_UNUSUAL = r"[^\x20-\x7E\x{A1}-\x{CF}\x{D1}-\x{EF}\x{F1}-\x{188}\x{18A}-\x{255}\x{257}-\x{2FF}\x{1E00}-\x{1EFF}]"
_LOOSE = "[^A-Z '-]|^[^A-Z]*$"
_APOSTROPHES = "[’‘ʼ`´]"

#: What people write where there is no name to write, as keys. A name key is never one of these.
PLACEHOLDERS: tuple[str, ...] = (
    "KHONG",
    "KHONG RO",
    "KHONG CO",
    "KHONG BIET",
    "KHONG KHAI",
    "KHONG NHO",
    "KHONG XAC DINH",
    "KHONG CO THONG TIN",
    "KHONG RO CHA",
    "KHONG RO ME",
    "KHONG CO CHA",
    "KHONG CO ME",
    "CHUA RO",
    "CHUA CO",
    "CHUA BIET",
    "CHUA XAC DINH",
    "CHUA KHAI",
    "CHUA CO THONG TIN",
    "KHUYET DANH",
    "VO DANH",
    "N/A",
    "NULL",
    "NONE",
)


def legal_names(texts: pa.Array) -> pa.Array:
    """Returns clean texts as legal names: upper case, every accent kept, look-alike letters as Latin ones.

    The placement of tone marks is left as it was written: it is the person's own. A text without a Latin letter, or
    with a letter of another script that is no look-alike, keeps its letters.
    """
    return pc.utf8_upper(on_some(texts, matching(texts, _UNUSUAL), _usual))


def _usual(texts: pa.Array) -> pa.Array:
    return pa.array([_mended(text) for text in texts.to_pylist()], TEXT)


def _mended(text: str | None) -> str | None:
    if text is None:
        return None
    mended = unicodedata.normalize("NFD", text).translate(_LOOK_ALIKES)
    letters = [sign for sign in mended if sign.isalpha()]
    certain = all(map(_is_latin, letters)) and any(map(_is_latin, unicodedata.normalize("NFKC", text)))
    return unicodedata.normalize("NFC", (mended if certain else text.translate(_STROKED)).upper())


def _is_latin(sign: str) -> bool:
    return unicodedata.name(sign, "").startswith(("LATIN ", "MODIFIER LETTER "))


def name_keys(names: pa.Array) -> pa.Array:
    """Returns the match key of legal names: no accents, `'` for every apostrophe, single spaces.

    Null for a placeholder (`PLACEHOLDERS`, or a text without any letter): it says that there is no name.
    """
    keys = without_accents(names)
    keys = on_some(keys, matching(keys, _LOOSE), _tight)
    return pc.if_else(pc.is_in(keys, value_set=pa.array(PLACEHOLDERS, TEXT)), pa.scalar(None, TEXT), keys)


def _tight(keys: pa.Array) -> pa.Array:
    plain = pc.replace_substring_regex(keys, _APOSTROPHES, "'")
    return pc.if_else(pc.match_substring_regex(plain, r"\p{L}"), plain, pa.scalar(None, TEXT))


#: Tone marks that may be out of place (see `registry.writing.tones_in_place`), and apostrophes of several kinds.
_UNPLACED = (
    r"O[ÀÁẢÃẠÈÉẺẼẸ](?:$|[^\p{L}])|U[ỲÝỶỸỴ](?:$|[^\p{L}])|[ÒÓỎÕỌ][AE]\p{L}|[ÙÚỦŨỤ]Y\p{L}|Q[ÙÚỦŨỤ]\p{L}|" + _APOSTROPHES
)


def accented_keys(names: pa.Array) -> pa.Array:
    """Returns the match key of legal names that keeps their marks: HOÀ and HÒA, H’HEN and H'HEN are one.

    Finer than `name_keys`: two names of one accented key are the same name, written in the older or the newer way.
    """
    return on_some(names, matching(names, _UNPLACED), _placed)


def _placed(names: pa.Array) -> pa.Array:
    plain = pc.replace_substring_regex(names, _APOSTROPHES, "'")
    return pa.array([text and tones_in_place(text) for text in plain.to_pylist()], TEXT)


def _any_tone(letters: str) -> str:
    toned = "".join(letter for letter, (vowel, _) in TONED.items() if vowel in letters)
    return f"{letters}{toned}".upper()


#: Syllables in which the tone mark may stand on two letters (NGUYỄN and HUYỀN have it on the Ê), and apostrophes.
_TWO_SPELLINGS = (
    f"[{_any_tone('o')}][{_any_tone('ae')}]|[{_any_tone('u')}][{_any_tone('y')}](?:$|[^{_any_tone('ê')}])"
    f"|Q[{_any_tone('u')}]|['{_APOSTROPHES[1:]}"
)


def one_name(name: str) -> str:
    """Returns SQL of DuckDB for a text that two legal names share when they are the same name.

    As `accented_keys`, where names lie in a table: the letters without their tones, then the tones of each word, so
    that it does not matter which letter of a syllable has the tone. Only where there are two spellings, since it costs
    ten times as much as the look.

    Args:
        name: SQL of the name as `legal_names` leaves it, upper case and NFC.
    """
    toned, marks = "".join(TONED).upper(), _APOSTROPHES.strip("[]")
    letters = "".join(letter for letter, _ in TONED.values()).upper() + "''" * len(marks)
    spellings = _TWO_SPELLINGS.replace("'", "''")
    tones = "".join(str(TONES.index(tone)) for _, tone in TONED.values())
    return (
        f"CASE WHEN regexp_matches({name}, '{spellings}')"
        f" THEN translate({name}, '{toned}{marks}', '{letters}')"
        f" || regexp_replace(translate({name}, '{toned}', '{tones}'), '[^0-9 ]', '', 'g') ELSE {name} END"
    )


#: Surnames that are spelled unlike Vietnamese syllables, as keys: Gia-rai, Ê-đê, Mnông, Cơ-ho, Chu-ru. Only these
#: one-word ones that registers write before the other names.
CLANS: frozenset[str] = frozenset(
    {
        "AYUN", "BDAP", "BKRONG", "BUONYA", "BYA", "CIL", "EBAN", "ENUOL", "HMOK", "HWING", "KBUOR", "KDOH", "KNUL",
        "KPA", "KPOR", "KPUIH", "KSOR", "KTLA", "KTUL", "MLO", "NIE", "RAHLAN", "RCHAM", "RCOM", "RLAN", "RMAH",
        "ROCHAM", "ROLAN", "ROMAH", "TOUNEH", "TOUPRONG",
    }
)  # fmt: skip
#: First words that are no surname, though they look like a syllable: they say man or woman (Y, A, Ya, Thị), or are
#: the first half of a surname in two words (Rơ Châm).
_NO_SURNAMES = frozenset({"Y", "A", "YA", "THỊ", "RƠ"})
#: A Vietnamese syllable without its marks: K, GH and NGH before E, I and Y only; no L, R, S, H at its end.
_SYLLABLE = re.compile(
    r"(?:K[EIY]|N?GH[EI]|(?:B|C(?!E|I|Y)H?|CH|DR?|GI?|H|KH|L|M|N|NG|NH|PH|QU|R|S|T|TH|TR|V|X)?[AEIOUY])"
    r"[AEIOUY]{0,3}(?:CH|NG|NH|[CMNPT])?"
)


def split_names(names: pa.Array) -> pa.StructArray:
    """Returns legal names in their parts, as the card's machine-readable zone needs them.

    The first word is the surname where it can be one: a Vietnamese syllable, or one of `CLANS`, with more words after
    it. Names that begin otherwise (Y MOAN ÊNUÔL, H'HEN NIÊ, K'BRỂU, a single word, a foreign name) have no surname
    here, for none is invented. A surname of two words is not guessed: its second half stands in the middle.

    Args:
        names: large_string, as `legal_names` returns them; distinct values at best.

    Returns:
        A struct array (surname, middle, given), each null where there is none; of a name without a surname all is
        `given`. The parts joined by a space are the name.
    """
    found = pc.extract_regex(names, r"^(?P<surname>\S+) (?:(?P<middle>.+) )?(?P<given>\S+)$")
    first = pc.struct_field(found, "surname").dictionary_encode()
    words = first.dictionary
    keys = without_accents(words).to_pylist()
    may = pa.array([_is_surname(*word) for word in zip(words.to_pylist(), keys, strict=True)], pa.bool_())
    divided = pc.fill_null(may.take(first.indices), fill_value=False)
    nothing = pa.scalar(None, TEXT)
    middle = pc.struct_field(found, "middle")
    parts = (
        pc.if_else(divided, pc.struct_field(found, "surname"), nothing),
        pc.if_else(pc.and_(divided, pc.not_equal(middle, "")), middle, nothing),
        pc.if_else(divided, pc.struct_field(found, "given"), names),
    )
    return pa.StructArray.from_arrays([part.cast(TEXT) for part in parts], names=["surname", "middle", "given"])


def _is_surname(word: str, key: str) -> bool:
    return word not in _NO_SURNAMES and (key in CLANS or _SYLLABLE.fullmatch(key) is not None)


#: Letters of one line of the zone.
MRZ_NAME_LENGTH = 30
#: Latin letters that no normal form takes apart (ICAO Doc 9303 part 3, section 6 A).
_ICAO = {"Æ": "AE", "Œ": "OE", "Ø": "OE", "ß": "SS", "ẞ": "SS", "Ł": "L", "Þ": "TH", "Đ": "D", "Ħ": "H", "Ŧ": "T"}


def mrz_names(names: pa.Array) -> pa.Array:
    """Returns the third line of a TD1 machine-readable zone for legal names, as large_string of 30 signs.

    ICAO Doc 9303 part 3, section 4.6, and part 5: surname, `<<`, the other names with `<` between them; marks
    off, Đ as D, an apostrophe left out, a hyphen as `<`. A name without a surname is the primary identifier whole.
    A line that is cut ends in a letter. Null where a letter has no Latin transcription here: people decide.
    """
    divided = pc.is_valid(pc.struct_field(split_names(names), "surname"))
    keys = without_accents(pc.if_else(divided, pc.replace_substring(names, " ", "<<", max_replacements=1), names))
    for letter, latin in _ICAO.items():
        keys = pc.replace_substring(keys, letter, latin)
    keys = pc.replace_substring_regex(keys, "[’‘ʼ`´'.,]", "")
    keys = pc.replace_substring_regex(keys, r"[ \-‐‑]+", "<")
    keys = pc.utf8_trim(pc.replace_substring(keys, "<<<", "<<"), "<")  # a hyphen before the second word
    lines = pc.if_else(pc.match_substring_regex(keys, "^[A-Z<]+$"), keys, pa.scalar(None, TEXT))
    lines = on_some(lines, matching(lines, f".{{{MRZ_NAME_LENGTH + 1}}}"), _cut)
    return pc.utf8_rpad(lines, MRZ_NAME_LENGTH, "<")


def _cut(lines: pa.Array) -> pa.Array:
    return pa.array([line and _cut_line(line) for line in lines.to_pylist()], TEXT)


def _cut_line(line: str) -> str:
    """A letter in the last place says that the line was cut: a word before it gives up its own last letter.

    A word of that one letter goes with the filler before it: two fillers stand behind the surname only.
    """
    while line[MRZ_NAME_LENGTH - 1] == "<":
        before = len(line[:MRZ_NAME_LENGTH].rstrip("<"))
        kept = line[: before - 1]
        line = kept.removesuffix("<") + line[before:]
    return line[:MRZ_NAME_LENGTH]
