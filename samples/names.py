"""Made-up Vietnamese names with the skew of real ones.

A name is one integer: surname, middle and given name as positions in the three word lists, ten bits each;
`NO_NAME` stands for no name. Weights of Kinh surnames follow published shares (Nguyễn about 38 %, Trần 11 %,
Lê 9.5 %); the other lists carry plausible weights, most frequent first.
"""

from dataclasses import dataclass
from functools import cache

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from samples.draw import TABLE_SIZE, Flags, Ints, weighted_table

NO_NAME = -1
_BITS = 10
_MASK = (1 << _BITS) - 1

_KINH_SURNAMES = {
    "Nguyễn": 38.0, "Trần": 11.0, "Lê": 9.5, "Phạm": 7.0, "Huỳnh": 2.6, "Hoàng": 2.5, "Phan": 4.5, "Vũ": 2.0,
    "Võ": 1.9, "Đặng": 2.1, "Bùi": 2.0, "Đỗ": 1.4, "Hồ": 1.3, "Ngô": 1.3, "Dương": 1.0, "Lý": 0.5,
    "Đinh": 0.9, "Trương": 0.9, "Đoàn": 0.7, "Lâm": 0.6, "Mai": 0.6, "Trịnh": 0.6, "Đào": 0.6, "Cao": 0.5,
    "Lương": 0.5, "Hà": 0.5, "Tạ": 0.3, "Phùng": 0.3, "Tô": 0.3, "Châu": 0.2, "Quách": 0.1, "Thái": 0.3,
    "Kiều": 0.2, "Tống": 0.2, "Vương": 0.2, "Lưu": 0.3, "La": 0.1, "Văn": 0.1, "Nghiêm": 0.1, "Chu": 0.2,
    "Triệu": 0.1, "Tăng": 0.2, "Thân": 0.1, "Khổng": 0.05, "Âu": 0.05, "Bạch": 0.05, "Cù": 0.05, "Doãn": 0.05,
    "Giang": 0.05, "Kim": 0.05, "Ninh": 0.05, "Ông": 0.03, "Tôn": 0.05, "Từ": 0.1, "Ung": 0.02, "Viên": 0.02,
    "Mạc": 0.05, "Lục": 0.05, "Hứa": 0.1, "Nguyễn Hoàng": 0.2, "Trần Lê": 0.05, "Phạm Nguyễn": 0.05,
}  # fmt: skip

_MIDDLES = {
    ("M", "old"): (
        "Văn*40 Hữu*6 Đình*5 Đức*4 Công*3 Ngọc*4 Quang*4 Xuân*4 Minh*3 Thanh*4 Trọng*2 Bá*2 Duy*2 Thế*2 "
        "Quốc*3 Tấn*2 Chí*1 Phước*1 Như*1 Khắc*1 Viết*1 Sỹ*1 -*4"
    ),
    ("M", "young"): (
        "Văn*14 Minh*9 Hoàng*7 Quốc*6 Anh*4 Gia*7 Thanh*5 Đức*6 Ngọc*4 Hữu*4 Tuấn*4 Quang*4 Duy*4 Xuân*2 "
        "Đình*3 Công*3 Trung*3 Nhật*3 Bảo*4 Thiên*2 Tấn*2 Khánh*2 Phúc*2 Hải*2 Trọng*2 Thành*3 Đăng*2 "
        "Hoàng_Minh*1 Gia_Bảo*1 Ngọc_Minh*1 -*3"
    ),
    ("F", "old"): (
        "Thị*70 Ngọc*4 Thị_Kim*2 Thị_Ngọc*2 Thị_Thanh*2 Thị_Minh*1 Kim*3 Thanh*2 Mỹ*1 Hồng*1 Bích*1 "
        "Thị_Thu*1 Thị_Hồng*1 -*2"
    ),
    ("F", "young"): (
        "Thị*24 Ngọc*8 Thanh*5 Thị_Ngọc*5 Thị_Thanh*5 Thị_Thu*4 Thị_Kim*4 Thị_Minh*2 Phương*4 Minh*4 "
        "Khánh*4 Bảo*4 Thị_Hồng*3 Kim*3 Mỹ*3 Hoàng*3 Như*3 Quỳnh*3 Thùy*3 Tường*1 Gia*2 Hà*1 "
        "Nguyễn_Ngọc*1 Hoài*1 Tuyết*1 Diễm*1 Cẩm*1 Ánh*1 -*2"
    ),
}

_GIVENS = {
    ("M", "old"): (
        "Hùng Dũng Minh Tuấn Thành Hải Sơn Hòa Bình Long Nam Phong Tâm Thắng Quang Cường Đức Hiếu Lợi "
        "Phúc Tài Thanh Tân Trung Vinh An Ba Bảy Bé Chiến Chính Công Đông Hai Hiền Hoàng Hưng Khánh Kiên "
        "Lâm Lộc Mạnh Mười Năm Nghĩa Ngọc Phước Phương Quý Sáu Sinh Tám Thái Thịnh Thọ Tiến Toàn Tư Út "
        "Xuân"
    ),
    ("M", "young"): (
        "Huy Minh Khang Bảo Khoa Phúc Anh Đạt Long Hiếu Nam Phát Tuấn Thịnh Duy Hoàng Kiệt Khôi Tú Quân "
        "Trung Tài Nguyên Tín Hưng Đức Dũng Thành Việt Trí Hùng Khánh Nhân Thiện Hải Lộc Sơn Thắng Vinh "
        "Cường Phong Quang Toàn Tùng Vũ Lâm Bình Nghĩa Tân Kiên Luân Dương Đăng Quốc Thái Tiến Trường "
        "Thanh An Danh Hậu Hòa Sang Thiên Tâm Vương Linh Ngọc Hiển Quyền Lợi Mạnh Phước Chiến"
    ),
    ("F", "old"): (
        "Lan Hoa Hồng Mai Hương Nga Liên Loan Cúc Huệ Thủy Hạnh Phượng Dung Hiền Tuyết Bé Lý Sáu Tư Hai "
        "Ba Năm Bảy Út Mười Tám Yến Xuân Thu Đào Nguyệt Nhung Thanh Vân Ánh Bình Chi Hà Hòa Kim Lệ Lài "
        "Mận Nhàn Oanh Phương Quyên Sương Tâm Thảo Thơm Vinh Xinh Gái Lành Điệp Ngọc Nở Sen"
    ),
    ("F", "young"): (
        "Anh Linh Ngọc Trang Vy Thảo Hương Nhi Hân Trâm Như Trinh Phương My Thy Uyên Ngân Hà Mai Quỳnh "
        "Hằng Châu Yến Nhung Thư Tiên Trúc Duyên Dung Tuyền Vân Hiền Ngoan Hoa Giang Lan Lam Chi Nga Thủy "
        "Diễm Kiều Oanh Hạnh Huyền Tâm Loan Thúy Nguyên Phượng Tú Xuân Đan Khanh An Băng Diệp Hậu Khuê Lê "
        "Ly Mỹ Nghi Quyên San Thanh Thi Thương Trân Vi Ý Hoài Ánh Hòa"
    ),
}


@dataclass(frozen=True)
class _Group:
    """Name words of an ethnic group; an empty list falls back on the Kinh words."""

    weight: float
    surnames: str
    middles_m: str = ""
    middles_f: str = ""
    givens_m: str = ""
    givens_f: str = ""


_GROUPS = {
    "Kinh": _Group(93.0, ""),
    "Hoa": _Group(
        2.6, "Trương Lâm Quách Lý Trần Phùng Vòng Sín Chướng Lưu Huỳnh Tăng Hà Hứa Châu Voòng",
        "A*30 Chí*10 Vĩnh*10 Gia*10 -*20", "Mỹ*20 A*10 Thị*20 Lệ*10 -*20",
        "Sáng Phát Cường Vĩnh Lìn Sềnh Phúc Hằn Kíu Dậu", "Múi Linh Mỹ Lìn Bình Kíu Phương Liên Sủi",
    ),
    "Nùng": _Group(0.8, "Nông Hoàng Lương Vi Lộc Chu Lý Hứa Mã Lục Tô", "Văn*60 Đức*10 A*5", "Thị*80 -*5"),
    "Tày": _Group(0.7, "Nông Hoàng Bế Ma Lý Đàm Hà La Chu Vi Triệu", "Văn*60 Đức*10 Quang*5", "Thị*80 -*5"),
    "Chơ-ro": _Group(
        0.6, "Điểu Thổ Nguyễn Lê Đào Phạm", "Văn*10 -*60", "Thị*60 -*10",
        "Lên Hùng Dũng Thanh Bảo Đước Khánh Sơn", "Lan Rê Thanh Xuân Nhịp Hồng Bé",
    ),
    "Khơ-me": _Group(
        0.6, "Thạch Sơn Kim Danh Lâm Kiên Châu Tăng Liêu", "-*50 Văn*5", "Thị*60 -*20",
        "Sa_Rinh Sóc Hươl Ni Rươne Phone Thia Vươl Đara", "Sa_Ly Sóc_Khane Đa_Ny Hoa Lan Sa_Vy Sa_Rây",
    ),
    "Mường": _Group(0.3, "Bùi Đinh Quách Hà Phạm Trương", "Văn*70 Ngọc*5", "Thị*85"),
    "Dao": _Group(0.3, "Triệu Bàn Đặng Phùng Lý Chìu Tằng", "A*20 Văn*30 Quý*5 -*5", "Thị*60 Mùi*10 Tả*5"),
    "Chăm": _Group(0.3, "Chế Thành Đàng Kiều Bá Lộ Từ Ma", "Văn*30 -*20 Công*5", "Thị*60 -*10"),
    "Thái": _Group(0.2, "Lò Quàng Cà Lường Vì Hà Cầm Đèo", "Văn*80", "Thị*85"),
    "Ê-đê": _Group(
        0.2, "Niê Êban Mlô Ayŭn Kbuôr Byă Knul Kđoh", "Y*70 -*5", "H'*70 -*5",
        "Blơ Thuật Krai Dhun Nguyên Ksơr Wăn Tlam Bhiông", "Bia Lan Nhi Duyên Hoa Yên Linh Chi Wê",
    ),
    "Gia-rai": _Group(
        0.2, "Rơ_Châm Ksor Siu Rah_Lan Kpă Nay Rơ_Mah Puih", "Y*5 -*60", "H'*60 -*10",
        "Thắng Hyui Blih Đức Ben Wing Tuấn Krung", "Lan Blơi Hlim Duyên Nga Phyưt Linh Kiều",
    ),
    "Hmông": _Group(
        0.2, "Giàng Vàng Sùng Thào Lý Má Mùa Hạng Cứ", "A*80 Văn*5 Seo*10", "Thị*70 Seo*10 -*5",
        "Páo Dơ Chứ Lử Sính Pao Tủa Lềnh Vừ", "Mỷ Dở Chư Sua Pà Mai Dợ Xá Ka",
    ),
}  # fmt: skip

ETHNICITIES: tuple[str, ...] = tuple(_GROUPS)
ETHNICITY_TABLE = weighted_table(range(len(_GROUPS)), [group.weight for group in _GROUPS.values()])


def _weights(words: str) -> dict[str, float]:
    """`Văn*40 Hữu*6 -*4` as word → weight, else by rank; `_` is a space, `-` no word."""
    pairs: dict[str, float] = {}
    for rank, word in enumerate(words.split()):
        text, _, weight = word.partition("*")
        pairs["" if text == "-" else text.replace("_", " ")] = float(weight) if weight else (rank + 4) ** -0.8
    return pairs


@dataclass(frozen=True)
class _Lists:
    """Word lists and weighted tables; tables stand by [ethnicity, male, young]."""

    pools: tuple[pa.Array, pa.Array, pa.Array]
    upper: tuple[pa.Array, pa.Array, pa.Array]
    surnames: Ints
    middles: Ints
    givens: Ints


class _Pool:
    """Distinct words in order of first use."""

    def __init__(self) -> None:
        self.words: dict[str, int] = {}

    def table(self, weights: dict[str, float]) -> Ints:
        positions = [self.words.setdefault(word, len(self.words)) for word in weights]
        return weighted_table(positions, list(weights.values()))

    def array(self, *, spaced: bool, upper: bool) -> pa.Array:
        words = [word.upper() if upper else word for word in self.words]
        return pa.array([f" {word}" if spaced and word else word for word in words])


@cache
def _lists() -> _Lists:
    """Builds lists and tables, once a process."""
    surnames, middles, givens = _Pool(), _Pool(), _Pool()
    shape = (len(_GROUPS), 2, 2, TABLE_SIZE)
    by_surname = np.empty(shape[::3], dtype=np.int16)
    by_middle, by_given = np.empty(shape, dtype=np.int16), np.empty(shape, dtype=np.int16)
    for e, group in enumerate(_GROUPS.values()):
        by_surname[e] = surnames.table(_weights(group.surnames) if group.surnames else _KINH_SURNAMES)
        for male, sex in enumerate("FM"):
            middle, given = (group.middles_m, group.givens_m) if male else (group.middles_f, group.givens_f)
            for young, age in enumerate(("old", "young")):
                by_middle[e, male, young] = middles.table(_weights(middle or _MIDDLES[sex, age]))
                by_given[e, male, young] = givens.table(_weights(given or _GIVENS[sex, age]))
    three = (surnames, middles, givens)
    return _Lists(
        pools=tuple(pool.array(spaced=at > 0, upper=False) for at, pool in enumerate(three)),
        upper=tuple(pool.array(spaced=at > 0, upper=True) for at, pool in enumerate(three)),
        surnames=by_surname,
        middles=by_middle,
        givens=by_given,
    )


def draw_surnames(rng: np.random.Generator, ethnicity: Ints) -> Ints:
    """A surname for each element, by ethnicity (position in `ETHNICITIES`)."""
    cells = rng.integers(0, TABLE_SIZE, ethnicity.shape, dtype=np.uint16)
    return _lists().surnames[ethnicity, cells].astype(np.int64)


def draw_names(rng: np.random.Generator, *, surnames: Ints, ethnicity: Ints, male: Flags, young: Flags) -> Ints:
    """Full names (int64 codes) with the given surnames; all arguments of one shape."""
    lists = _lists()
    at = (ethnicity, male.astype(np.int8), young.astype(np.int8))
    cells = rng.integers(0, TABLE_SIZE, (2, *surnames.shape), dtype=np.uint16)
    middles = lists.middles[(*at, cells[0])].astype(np.int64)
    givens = lists.givens[(*at, cells[1])].astype(np.int64)
    full: Ints = surnames | (middles << _BITS) | (givens << (2 * _BITS))
    return full


def surname_of(names: Ints) -> Ints:
    """The surnames of full names."""
    return names & _MASK


def render(names: Ints, *, upper: bool) -> pa.Array:
    """Names as text, null for `NO_NAME`; `upper`: in capitals, as Circular 104/2020/TT-BCA asks."""
    missing = names < 0
    pools = _lists().upper if upper else _lists().pools
    parts = [pool.take(pa.array((names >> (at * _BITS)) & _MASK, mask=missing)) for at, pool in enumerate(pools)]
    return pc.binary_join_element_wise(*parts, "")
