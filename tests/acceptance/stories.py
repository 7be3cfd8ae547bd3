"""Made-up lives as papers tell them: what each night brings, by file."""

FIRST, SECOND = "2021-06-30", "2021-07-01"

#: A commune, one of the same district, and one of another province.
HOME, NEARBY, CITY = "25993", "26050", "26740"

Paper = dict[str, str]

_ANYBODY = {
    "declared_on": "01/03/2021", "nationality": "Việt Nam", "ethnicity": "Kinh", "permanent_place": HOME,
    "birth_registration_place": HOME, "origin_place": HOME,
}  # fmt: skip
_WOMAN, _MAN = {**_ANYBODY, "sex": "Nữ"}, {**_ANYBODY, "sex": "Nam"}
_LATER = {"declared_on": "15/06/2021"}

#: Twins: born on one day, of one house, with numbers that follow each other.
_TWIN = {
    **_MAN, "birth_date": "05/12/2006", "father_name": "LÝ VĂN TÁM", "mother_name": "ĐỖ THỊ MƯỜI",
    "permanent_address": "Số 7, tổ 2", "household_no": "HK-7", "head_name": "LÝ VĂN TÁM", "relation_to_head": "Con",
}  # fmt: skip
HUNG = {**_TWIN, "full_name": "LÝ VĂN HÙNG", "pid": "075206000117"}
HOA = {**_TWIN, "full_name": "LÝ VĂN HÒA", "pid": "075206000118"}
TWINS = [{**HUNG, "form_no": "TWIN-A1"}, {**HOA, "form_no": "TWIN-B1"}]
TWINS_LATER = [{**HOA, **_LATER, "form_no": "TWIN-B2", "pid": ""}, {**HUNG, **_LATER, "form_no": "TWIN-A2", "pid": ""}]

#: Father and son of one name, in one house. Later each is told without his number, the father by his year alone.
_THANH = {**_MAN, "full_name": "TRẦN VĂN THÀNH", "permanent_address": "Số 9, tổ 4", "household_no": "HK-9",
          "head_name": "TRẦN VĂN THÀNH"}  # fmt: skip
FATHER = {**_THANH, "birth_date": "11/02/1965", "pid": "075065000231", "cmnd_no": "270000231", "spouse_name": "LÊ THỊ NA",
          "relation_to_head": "Chủ hộ"}  # fmt: skip
SON = {**_THANH, "birth_date": "23/08/1992", "pid": "075092000232", "father_name": "TRẦN VĂN THÀNH",
       "mother_name": "LÊ THỊ NA", "relation_to_head": "Con"}  # fmt: skip
NAMESAKES = [{**FATHER, "form_no": "FATHER-1"}, {**SON, "form_no": "SON-1"}]
NAMESAKES_LATER = [
    {**FATHER, **_LATER, "form_no": "FATHER-2", "birth_date": "1965", "pid": ""},
    {**SON, **_LATER, "form_no": "SON-2", "pid": "", "current_place": CITY, "current_address": "12 Lê Lợi"},
]

#: Hường: the second office has a machine that knows no accents, and no number of hers but that of the old card.
HUONG = {**_WOMAN, "full_name": "NGUYỄN THỊ HƯỜNG", "birth_date": "14/02/1985", "pid": "075185000345", "cmnd_no": "271234567",
         "father_name": "NGUYỄN VĂN BẢY", "mother_name": "LÊ THỊ SÁU", "permanent_address": "Số 21, tổ 1"}  # fmt: skip
HUONG_BARE = {**HUONG, **_LATER, "full_name": "NGUYEN THI HUONG", "father_name": "NGUYEN VAN BAY",
              "mother_name": "LE THI SAU", "pid": "", "permanent_place": NEARBY, "permanent_address": "Số 3, tổ 8"}  # fmt: skip

#: A worker: registered at home, and in the city where he works.
WORKER = {**_MAN, "full_name": "PHẠM VĂN CẦN", "birth_date": "19/05/1994", "pid": "075094000456",
          "father_name": "PHẠM VĂN KIỆM", "mother_name": "HỒ THỊ LÀNH", "permanent_address": "Số 30, tổ 6",
          "current_place": HOME, "current_address": "Số 30, tổ 6"}  # fmt: skip
WORKER_AWAY = {**WORKER, **_LATER, "permanent_address": "", "temporary_place": CITY, "temporary_address": "Phòng 5, 80 Cô Bắc",
               "current_place": CITY, "current_address": "Phòng 5, 80 Cô Bắc", "pid": ""}  # fmt: skip

#: A number that was given to nobody rightly is cancelled.
CANCELLED = {**_WOMAN, "full_name": "LÝ THỊ HỦY", "birth_date": "03/03/1990", "pid": "075190000567",
             "father_name": "LÝ VĂN ĐOÀN", "mother_name": "TÔ THỊ VIỆT", "permanent_address": "Số 44, tổ 3"}  # fmt: skip
CANCELLATION = {
    "movement_no": "MOVE-1", "movement": "Hủy số định danh", "occurred_on": "20/06/2021", "declared_on": "20/06/2021",
    **{column: CANCELLED[column] for column in ("full_name", "birth_date", "sex", "pid")},
}  # fmt: skip

#: Lan's number is hers. The clerk who takes Nga's form types one digit wrong, and it is Lan's.
LAN = {**_WOMAN, "full_name": "ĐINH THỊ LAN", "birth_date": "20/10/1970", "pid": "075170004444",
       "father_name": "ĐINH VĂN TRÚC", "mother_name": "MAI THỊ CÚC", "permanent_address": "Số 58, tổ 5"}  # fmt: skip
NGA = {**_WOMAN, "full_name": "BÙI THỊ NGA", "birth_date": "03/05/1970", "pid": "075170004454",
       "father_name": "BÙI VĂN HẢI", "mother_name": "CAO THỊ NGỌC", "permanent_address": "Số 66, tổ 9"}  # fmt: skip
NGA_MISTYPED = {**NGA, **_LATER, "pid": LAN["pid"]}

NIGHTS: dict[str, dict[str, list[Paper]]] = {
    FIRST: {
        f"registers/{HOME}/households.csv": [*TWINS, *NAMESAKES],
        f"registers/{HOME}/march.csv": [
            {**HUONG, "form_no": "HUONG-1"}, {**WORKER, "form_no": "WORKER-1"}, {**CANCELLED, "form_no": "CANCELLED-1"},
            {**LAN, "form_no": "LAN-1"},
        ],
    },
    SECOND: {
        f"registers/{HOME}/households-june.csv": [*TWINS_LATER, *NAMESAKES_LATER],
        f"registers/{NEARBY}/june.csv": [{**HUONG_BARE, "form_no": "HUONG-2"}, {**NGA_MISTYPED, "form_no": "NGA-1"}],
        f"registers/{CITY}/june.csv": [{**WORKER_AWAY, "form_no": "WORKER-2"}],
        f"movements/{HOME}/june.csv": [CANCELLATION],
    },
}  # fmt: skip
