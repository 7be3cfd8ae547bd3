"""Numbers of persons as text: personal numbers (PID), old card numbers (CMND), telephones.

A number keeps its leading zeros. Whether it has the right length is for the rules to say; a number that a
spreadsheet has robbed of its zero is not guessed.
"""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from registry.writing import TEXT

#: First three digits of a personal number: the province of birth registration, for births before
#: 1 July 2025 only (Circular 07/2016/TT-BCA, Annex 1). They are the statistical province codes of that time,
#: padded to three digits; the provinces of 2025 re-use some for another province.
PROVINCES: dict[str, str] = {
    "001": "Hà Nội", "002": "Hà Giang", "004": "Cao Bằng", "006": "Bắc Kạn", "008": "Tuyên Quang",
    "010": "Lào Cai", "011": "Điện Biên", "012": "Lai Châu", "014": "Sơn La", "015": "Yên Bái",
    "017": "Hòa Bình", "019": "Thái Nguyên", "020": "Lạng Sơn", "022": "Quảng Ninh", "024": "Bắc Giang",
    "025": "Phú Thọ", "026": "Vĩnh Phúc", "027": "Bắc Ninh", "030": "Hải Dương", "031": "Hải Phòng",
    "033": "Hưng Yên", "034": "Thái Bình", "035": "Hà Nam", "036": "Nam Định", "037": "Ninh Bình",
    "038": "Thanh Hóa", "040": "Nghệ An", "042": "Hà Tĩnh", "044": "Quảng Bình", "045": "Quảng Trị",
    "046": "Thừa Thiên Huế", "048": "Đà Nẵng", "049": "Quảng Nam", "051": "Quảng Ngãi", "052": "Bình Định",
    "054": "Phú Yên", "056": "Khánh Hòa", "058": "Ninh Thuận", "060": "Bình Thuận", "062": "Kon Tum",
    "064": "Gia Lai", "066": "Đắk Lắk", "067": "Đắk Nông", "068": "Lâm Đồng", "070": "Bình Phước",
    "072": "Tây Ninh", "074": "Bình Dương", "075": "Đồng Nai", "077": "Bà Rịa - Vũng Tàu",
    "079": "Thành phố Hồ Chí Minh", "080": "Long An", "082": "Tiền Giang", "083": "Bến Tre",
    "084": "Trà Vinh", "086": "Vĩnh Long", "087": "Đồng Tháp", "089": "An Giang", "091": "Kiên Giang",
    "092": "Cần Thơ", "093": "Hậu Giang", "094": "Sóc Trăng", "095": "Bạc Liêu", "096": "Cà Mau",
}  # fmt: skip

#: Last year of births that the table is for.
LAST_YEAR = 2025

PID_LENGTH = 12
_FULL_WIDTH = tuple(zip("０１２３４５６７８９", "0123456789", strict=True))
_SEPARATORS = r"[ .\-‐‑‒–—−]+"
#: 75199000001.0 is a spreadsheet's number, not a number with a separator: its zero at the left is gone.
_SPREADSHEET = r"^[0-9]+\.0{1,2}$"


def _ascii(texts: pa.Array) -> pa.Array:
    for wide, digit in _FULL_WIDTH:
        texts = pc.replace_substring(texts, wide, digit)
    return texts


def _only_digits(texts: pa.Array) -> pa.Array:
    return pc.if_else(pc.ascii_is_decimal(texts), texts, pa.scalar(None, TEXT))


def digits(texts: pa.Array) -> pa.Array:
    """Returns clean texts as their digits, spaces, dots and dashes left out; null for anything else."""
    if pc.all(pc.ascii_is_decimal(texts)).as_py():
        return texts
    texts = _ascii(texts)
    texts = pc.if_else(pc.match_substring_regex(texts, _SPREADSHEET), pa.scalar(None, TEXT), texts)
    return _only_digits(pc.replace_substring_regex(texts, _SEPARATORS, ""))


def phones(texts: pa.Array) -> pa.Array:
    """Returns clean texts as Vietnamese telephone numbers: digits, `+84` as `0`; null for anything else."""
    if pc.all(pc.ascii_is_decimal(texts)).as_py():
        return texts
    bare = pc.replace_substring_regex(_ascii(texts), r"[()]|" + _SEPARATORS, "")
    return _only_digits(pc.replace_substring_regex(bare, r"^\+840?", "0"))


def decode(pids: pa.Array) -> pa.StructArray:
    """Returns what personal numbers say of their holders (Decree 137/2015/ND-CP art. 13): evidence, no proof.

    Numbers are cancelled and given anew when place, year or sex were wrong (Circular 59/2021/TT-BCA art. 6), so a
    contradiction is a warning. The table is that of births before 1 July 2025: of a number of 2025 only the birth date
    says whether its province may be judged, and numbers of later years have none. The prefixes of the born abroad are
    in an annex that we have not seen.

    Args:
        pids: large_string, digits only (as `digits` returns them).

    Returns:
        A struct array (sex: `M` or `F`; birth_year: int32; province: the 2-digit province code of before
        July 2025, null where the prefix is no province or the year is after 2025). All null where a number has not
        12 digits.
    """
    whole = pc.and_(pc.equal(pc.utf8_length(pids), PID_LENGTH), pc.ascii_is_decimal(pids))
    right = pc.fill_null(whole, fill_value=False)
    rest = pc.cast(pc.if_else(right, pc.utf8_slice_codeunits(pids, 3, 6), pa.scalar("000", TEXT)), pa.int32())
    century_sex, year = np.divmod(rest.to_numpy(zero_copy_only=False), 100)
    absent = np.logical_not(right.to_numpy(zero_copy_only=False))
    prefix = pc.utf8_slice_codeunits(pids, 0, 3)
    birth_year = 1900 + 100 * (century_sex // 2) + year
    known = pc.and_(right, pc.is_in(prefix, value_set=pa.array(PROVINCES, TEXT)))
    known = pc.and_(known, pa.array(birth_year <= LAST_YEAR))
    sex = pa.DictionaryArray.from_arrays(pa.array(century_sex % 2, mask=absent), pa.array(["M", "F"], TEXT))
    return pa.StructArray.from_arrays(
        [
            sex.cast(TEXT),
            pa.array(birth_year, pa.int32(), mask=absent),
            pc.if_else(known, pc.utf8_slice_codeunits(prefix, 1, 3), pa.scalar(None, TEXT)),
        ],
        names=["sex", "birth_year", "province"],
    )
