"""Files in old encodings: found out when nothing is stated, read to the letter, and kept to the byte."""

import gzip
import json

import pytest

from config.headers import header_labels
from registry.encodings import TCVN3, VIQR, VNI, WINDOWS_1258
from registry.encodings.detection import OLD_ENCODINGS, readings_of
from registry.formats.headers import header_names
from registry.formats.limits import Limits
from registry.formats.reader import ReadFile, read_file
from registry.formats.reasons import FileHeldError
from registry.formats.text import encoding_of
from registry.returns import showable
from tests.unit.made_texts import HEADER, made_register

CODECS = tuple(OLD_ENCODINGS)
CASES = (str, str.upper, str.lower)

FRENCH = (
    "Hélène Lefèvre, née à Besançon le 3 août, étudiante; son frère aîné, François, était ingénieur à Orléans.\n"
    "Le père Noël arrivait déjà; là-bas, l'été, René et Zoë allaient à la forêt, où Loïc pêchait une perche.\n"
    "Procès-verbal: l'élève a été présenté au maître d'école, qui l'a jugé très doué pour le théâtre français.\n"
)
ENGLISH = (
    "The café on Main Street served crème brûlée to Zoë and her fiancé, who wore a £20 coat – “naïve”, she said.\n"
    "Mr. Müller’s résumé said he had lived in São Paulo, in Málaga and in Århus before he came to us in 1960.\n"
    "Are you there? We go to the end of the road. So do I. Be at home by two. No one came to see me. Be nice!\n"
)


def read(tmp_path, data: bytes, *, name="a.csv", encoding=None, block=4096) -> ReadFile:
    path = tmp_path / "copy"
    path.write_bytes(data)
    headers = header_names(header_labels())
    return read_file(path, name=name, encoding=encoding, headers=headers, limits=Limits(block_bytes=block))


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize("rows", [8, 200, 1000])
def test_the_encoding_of_a_register_is_found_out(codec, case, rows) -> None:
    assert readings_of(case(made_register(rows)).encode(codec)).codec == codec


@pytest.mark.parametrize("rows", [200, 1000])
def test_utf_8_and_ascii_stay_what_they_are(rows) -> None:
    text = made_register(rows)
    plain = text.encode("ascii", "ignore")
    for data in (
        text.encode(),
        text.upper().encode(),
        plain,
        plain + b"^" * 20,
        (text + "\udcff\n" * 90).encode(errors="surrogateescape"),
    ):
        assert encoding_of(data, None).name == "utf-8"


@pytest.mark.parametrize("text", [FRENCH, ENGLISH])
@pytest.mark.parametrize("code", ["latin-1", "cp1252"])
def test_other_languages_are_not_taken_for_vietnamese(text, code) -> None:
    for data in (text, text * 50, text.upper(), text.replace(" ", "\n")):
        sent = data.encode(code, "replace")
        assert readings_of(sent).codec is None
        assert encoding_of(sent, None).name == "utf-8"


@pytest.mark.parametrize("codec", CODECS)
@pytest.mark.parametrize("stated", [True, False])
@pytest.mark.parametrize("block", [7, 1000, 1 << 20])
def test_a_register_is_read_to_the_letter(tmp_path, codec, stated, block) -> None:
    text = made_register(200)
    told = read(tmp_path, text.encode(codec), encoding=OLD_ENCODINGS[codec] if stated else None, block=block)
    right = read(tmp_path, text.encode())
    assert told.table.equals(right.table)
    assert (told.encoding, told.unreadable.num_rows) == (codec, 0)


@pytest.mark.parametrize("codec", CODECS)
def test_zipped_and_json_lines_too(tmp_path, codec) -> None:
    text = made_register(200)
    right = read(tmp_path, text.encode()).table
    assert read(tmp_path, gzip.compress(text.encode(codec)), name="a.csv.gz").table.equals(right)
    columns = HEADER.split(",")
    rows = zip(*(right[column].to_pylist() for column in columns), strict=True)
    lines = "\n".join(json.dumps(dict(zip(columns, row, strict=True)), ensure_ascii=False) for row in rows)
    assert read(tmp_path, lines.encode(codec), name="a.jsonl").table.equals(right)


def test_labels_of_the_header_are_decoded_too(tmp_path) -> None:
    text = made_register(200).replace("full_name", "Họ và tên").replace("birth_date", "Ngày, tháng, năm sinh", 0)
    for codec in CODECS:
        assert read(tmp_path, text.encode(codec)).table["full_name"].null_count == 0


@pytest.mark.parametrize("codec", [TCVN3, VIQR, WINDOWS_1258, VNI])
@pytest.mark.parametrize("block", [50, 1 << 20])
def test_what_is_kept_of_an_unreadable_row_is_the_bytes_of_the_file(tmp_path, codec, block) -> None:
    lines = made_register(200).encode(codec).split(b"\n")
    lines[50] = b"short," + "Hà, HÀ Ánh".encode(codec)
    lines[100] = b"A,\xd9\x81\x8d\x90,x,x,x,x,x" if codec != VIQR else b"A,\xe1,x,x,x,x,x"
    data = b"\n".join(lines)
    told = read(tmp_path, data, block=block)
    kept = [(row["row_no"], row["reason"], row["bytes"]) for row in told.unreadable.to_pylist()]
    assert kept == [(50, "too_few_fields", lines[50]), (100, "utf-8", lines[100])]
    for row in told.unreadable.to_pylist():
        assert data[row["offset"] :].startswith(row["bytes"])


def test_an_unsure_reading_holds_the_file_and_names_the_best_two(tmp_path) -> None:
    rows = [f'{n},"{line}",1960,Nam,26041' for n, line in enumerate((FRENCH * 10).split("\n"))]
    data = "\n".join(["form_no,full_name,birth_date,sex,current_place", *rows[:-1]]).encode("latin-1")
    with pytest.raises(FileHeldError) as held:
        read(tmp_path, data)
    assert held.value.rows == 30
    assert sum(name in str(held.value) for name in OLD_ENCODINGS.values()) == 2
    assert "sender" in str(held.value)


@pytest.mark.parametrize(
    ("stated", "written"),
    [("windows-1258", TCVN3), ("TCVN3", VNI), ("VNI", "utf-8"), ("tcvn3 (abc)", None), ("UTF-8", VNI)],
)
def test_a_sidecar_that_the_text_contradicts_holds_the_file(tmp_path, stated, written) -> None:
    with pytest.raises(FileHeldError):
        read(tmp_path, made_register(200).encode(written or "cp1258", "replace"), encoding=stated)


@pytest.mark.parametrize(
    ("stated", "codec"),
    [("Windows-1258", WINDOWS_1258), ("CP1258", WINDOWS_1258), ("tcvn3", TCVN3), ("ABC", TCVN3), ("TCVN3-ABC", TCVN3),
     ("VNI-Windows", VNI), ("vni windows", VNI), ("VIQR", VIQR)],
)  # fmt: skip
def test_usual_spellings_of_a_stated_encoding(stated, codec) -> None:
    assert encoding_of(made_register(20).encode(codec), stated).name == codec
    assert encoding_of(b"form_no\n", stated).name == codec


def test_an_unreadable_row_is_shown_to_people_in_its_encoding() -> None:
    for codec in CODECS:
        assert showable("Nguyễn Thị Đào,1960".encode(codec), codec) == "Nguyễn Thị Đào,1960"
