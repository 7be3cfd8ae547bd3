"""Names of persons: the legal name as it is written, and the key that two spellings of it share."""

import pyarrow as pa
import pyarrow.compute as pc

from registry.writing import TEXT, matching, on_some, without_accents

#: Đ has look-alikes that are other letters: Icelandic Ð (U+00D0) and African Ɖ (U+0189).
_LOOK_ALIKES = "[\u00d0\u0189]"
#: Capitals that are neither look-alikes nor outside Latin as Vietnamese composes it: these are in NFC.
_UNUSUAL = r"[^\x20-\x7E\x{A1}-\x{CF}\x{D1}-\x{188}\x{18A}-\x{2FF}\x{1E00}-\x{1EFF}]"
_LOOSE = "[^A-Z '-]|^[^A-Z]*$"

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
    """Returns clean texts as legal names: upper case, every accent kept, look-alikes of Đ as Đ.

    Circular 66/2015/TT-BCA art. 18: capitals with all marks, as on the birth certificate. The placement of
    tone marks is left as it was written: it is the person's own.
    """
    capitals = pc.utf8_upper(texts)
    return on_some(capitals, matching(capitals, _UNUSUAL), _usual)


def _usual(capitals: pa.Array) -> pa.Array:
    return pc.utf8_normalize(pc.replace_substring_regex(capitals, _LOOK_ALIKES, "Đ"), "NFC")


def name_keys(names: pa.Array) -> pa.Array:
    """Returns the match key of legal names: no accents, `'` for every apostrophe, single spaces.

    Null for a placeholder (`PLACEHOLDERS`, or a text without any letter): it says that there is no name.
    """
    keys = without_accents(names)
    keys = on_some(keys, matching(keys, _LOOSE), _tight)
    return pc.if_else(pc.is_in(keys, value_set=pa.array(PLACEHOLDERS, TEXT)), pa.scalar(None, TEXT), keys)


def _tight(keys: pa.Array) -> pa.Array:
    plain = pc.replace_substring_regex(keys, "[’‘ʼ`´]", "'")
    return pc.if_else(pc.match_substring_regex(plain, r"\p{L}"), plain, pa.scalar(None, TEXT))
