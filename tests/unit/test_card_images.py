"""A picture is known by its first bytes, and whatever the bytes are there is an answer."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from registry.cards.images import HEAD_BYTES, MOST_BYTES, REASONS, Picture, look_at

_START = b"\xff\xd8"
_APP0 = b"\xff\xe0\x00\x10JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
_TABLE = b"\xff\xdb\x00\x43" + bytes(65)


def frame(width: int, height: int, *, marker: int = 0xC0, colours: int = 3) -> bytes:
    parts = b"".join(bytes([number, 0x11, 0]) for number in range(colours))
    return struct.pack(">BBHBHHB", 0xFF, marker, 8 + 3 * colours, 8, height, width, colours) + parts


def jpeg(width: int = 236, height: int = 354, *, marker: int = 0xC0, colours: int = 3) -> bytes:
    return _START + _APP0 + _TABLE + frame(width, height, marker=marker, colours=colours) + b"\xff\xda\x00\x0c"


def box(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", 8 + len(content)) + kind + content


def jp2(width: int = 236, height: int = 354, colours: int = 3, before: bytes = b"") -> bytes:
    ihdr = box(b"ihdr", struct.pack(">IIHBBBB", height, width, colours, 7, 7, 0, 0))
    signature = box(b"jP  ", b"\r\n\x87\n")
    return signature + box(b"ftyp", b"jp2 \x00\x00\x00\x00jp2 ") + before + box(b"jp2h", ihdr) + box(b"jp2c", b"")


def codestream(width: int, height: int, offset: int = 0) -> bytes:
    grid = struct.pack(">8I", width + offset, height + offset, offset, offset, width, height, 0, 0)
    return b"\xff\x4f\xff\x51" + struct.pack(">HH", 47, 0) + grid + struct.pack(">H", 3) + bytes(9)


def seen(content: bytes) -> Picture:
    return look_at(content[:HEAD_BYTES], len(content))


@pytest.mark.parametrize(
    ("content", "found"),
    [
        (jpeg(), "jpeg"),
        (jpeg(marker=0xC2, colours=1), "jpeg"),
        (_START + b"\xff\xff\xff" + _APP0 + b"\xff\x01" + frame(236, 354), "jpeg"),
        (jp2(), "jpeg2000"),
        (jp2(before=struct.pack(">I", 1) + b"uuid" + struct.pack(">Q", 20) + bytes(4)), "jpeg2000"),
        (codestream(236, 354), "jpeg2000"),
        (codestream(236, 354, offset=10), "jpeg2000"),
    ],
)
def test_pictures_that_can_be_printed(content: bytes, found: str) -> None:
    assert seen(content) == Picture(found, 236, 354)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\n" + bytes(40), "unknown-format"),
        (b"%PDF-1.4", "unknown-format"),
        (_START, "unknown-format"),
        (jpeg()[:40], "cut"),
        (_START + _APP0 + b"\xff\xda\x00\x0c", "broken"),
        (_START + _APP0 + b"\x00" + frame(300, 300), "broken"),
        (_START + b"\xff\xe0\x00\x00" + frame(300, 300), "broken"),
        (_START + frame(300, 300).replace(b"\x00\x11\x08", b"\x00\x13\x08"), "broken"),
        (jpeg(236, 0), "broken"),
        (jpeg(marker=0xC3), "coding"),
        (jpeg(colours=4), "colours"),
        (jpeg(199, 354), "too-small"),
        (jpeg(236, 65_000), "too-large"),
        (jp2()[:30], "cut"),
        (jp2(colours=2), "colours"),
        (jp2(2**32 - 1, 400), "too-large"),
        (jp2(before=struct.pack(">I", 0) + b"xml "), "broken"),
        (jp2(before=struct.pack(">I", 2**31) + b"xml "), "cut"),
        (jp2().replace(b"ihdr", b"colr"), "broken"),
        (codestream(0, 354), "broken"),
    ],
)
def test_other_files_are_told_with_a_reason(content: bytes, reason: str) -> None:
    assert seen(content).reason == reason


def test_a_file_that_is_too_long_is_told_by_its_size() -> None:
    assert look_at(jpeg(), MOST_BYTES).reason == ""
    assert look_at(jpeg(), MOST_BYTES + 1).reason == "too-many-bytes"


@settings(deadline=None)
@given(
    st.sampled_from([b"", _START + b"\xff", _START + _APP0, jp2()[:12], jp2()[:40], b"\xff\x4f\xff\x51"]),
    st.one_of(st.binary(max_size=400), st.lists(st.sampled_from([b"\xff", b"\x00", b"\x01", b"\xc0"])).map(b"".join)),
)
def test_any_bytes_have_an_answer(start: bytes, rest: bytes) -> None:
    picture = seen(start + rest)
    assert picture.reason in {"", *REASONS}
    if not picture.reason:
        assert min(picture.width, picture.height) >= 200


@settings(deadline=None)
@given(st.sampled_from([jpeg(), jp2(), codestream(236, 354)]), st.data())
def test_a_picture_cut_anywhere_is_no_picture_or_the_same(content: bytes, data: st.DataObject) -> None:
    cut = content[: data.draw(st.integers(0, len(content)))]
    picture = seen(cut)
    assert picture.reason or picture == seen(content)


@settings(deadline=None)
@given(st.integers(0, HEAD_BYTES))
def test_no_head_makes_it_walk_for_long(padding: int) -> None:
    assert seen(_START + b"\xff\x01" * (padding // 2) + frame(236, 354)).reason in {"", "cut"}
