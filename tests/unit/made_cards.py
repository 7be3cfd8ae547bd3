"""Cards to be made for made-up persons, with the names that are hardest to write in a machine-readable zone."""

import random
from datetime import date, timedelta
from functools import cache
from typing import Any

import pandas as pd
import pyarrow as pa

from registry.cards.printed import CARDS
from registry.cards.validity import expires_on
from registry.names import legal_names
from registry.writing import TEXT, clean
from tests.unit.made_texts import made_names

#: Names that no list of the usual ones has.
HARD_NAMES: tuple[str, ...] = (
    "K'Brểu", "K’Thị Ngọc Hân", "H'Hen Niê", "Y Moan Ênuôl", "Ksor H'Lan", "Rơ Châm Páo", "Rah Lan H'Phyưt Krăk",
    "Út", "Thị Lan", "Ýơ", "Nguyễn Ngọc Trường-Giang", "Tôn Nữ Thị Ninh", "Công Tằng Tôn Nữ Thị Phương Thảo Nguyên",
    "Nguyễn Thị Phương Thảo Nguyên Hoàng Anh", "Lê Hoàng Hiếu Nghĩa Đệ Nhất Thương Tâm Nhân", "Đặng Đào", "Ðỗ Ðức",
    "Lê Văn Ǹ", "Jørn O'Neil", "Nguyê\u0303n Thi\u0323 Ho\u0300a", "Quảng Đại Công Đức Trí Tuệ Từ Bi Hỷ Xả Vô Lượng",
)  # fmt: skip


@cache
def hard_names(count: int) -> tuple[str, ...]:
    """Legal names: those of the samples, every fourth a hard one or a mixture of them."""
    dice = random.Random(3)
    usual = made_names(count)
    words = [word for name in HARD_NAMES for word in name.split()]
    mixed = [" ".join(dice.choices(words, k=dice.randint(1, 8))) for _ in range(count // 8)]
    hard = [*HARD_NAMES, *mixed]
    sent = [dice.choice(hard) if number % 4 == 0 else name for number, name in enumerate(usual)]
    return tuple(legal_names(clean(pa.array(sent, TEXT))).to_pylist())


def made_cards(count: int) -> pd.DataFrame:
    """So many rows of `registry.cards.printed.CARDS`."""
    dice = random.Random(4)
    names = hard_names(count)
    births = [date(1925, 1, 1) + timedelta(dice.randrange(35_000)) for _ in names]
    births[:4] = [date(2000, 2, 29), date(2004, 2, 29), date(1999, 12, 31), date(2000, 1, 1)]
    issued = [date(2021, 6, 30) if number % 2 else date(2025, 3, 1) for number in range(count)]
    rows: dict[str, Any] = {field.name: [None] * count for field in CARDS}
    rows |= {
        "layout": ["2021" if day < date(2024, 7, 1) else "2024" for day in issued],
        "issued_on": issued,
        "expires_on": expires_on(pa.array(births), pa.array(issued)).to_pylist(),
        "pid": [f"{dice.randrange(10**12):012}" for _ in names],
        "cmnd_no": [f"{dice.randrange(10**9):09}" if dice.random() < 0.5 else None for _ in names],
        "full_name": names,
        "birth_date": [day.isoformat() for day in births],
        "sex": dice.choices("MF", k=count),
        "nationality": ["VN"] * count,
        "origin_place": ["Xã Đá, Huyện Núi, Tỉnh Sông"] * count,
        "birth_registration_place": ["Xã Mây, Huyện Núi, Tỉnh Sông"] * count,
        "permanent_place": ["Phường Trăng, Thành phố Sao" if number % 3 else None for number in range(count)],
        "permanent_address": ["Số 1, tổ 2" if number % 5 else None for number in range(count)],
        "temporary_place": ["Xã Gió, Thành phố Sao"] * count,
        "father_name": ["LÊ VĂN CHA"] * count,
        "mother_name": ["VÕ THỊ MẸ"] * count,
    }
    columns = [pa.array(rows[field.name], field.type) for field in CARDS]
    return pa.table(columns, schema=CARDS).to_pandas(types_mapper=pd.ArrowDtype)
