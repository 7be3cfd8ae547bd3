"""Bytes out of plain and gzip files, in bounded pieces."""

import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO

from registry.formats.limits import Limits
from registry.formats.reasons import FileRefusedError

_GZIP = 16 + zlib.MAX_WBITS
_READ = 256 * 1024
_PIECE = 4 * _READ
#: First bytes of files that are no text, whatever their name says.
_FOREIGN: tuple[tuple[bytes, str], ...] = (
    (b"\x1f\x8b", "a gzip archive"),
    (b"PK\x03\x04", "a zip archive or a workbook"),
    (b"PAR1", "a Parquet file"),
    (b"\xd0\xcf\x11\xe0", "an old Excel or Word file"),
    (b"%PDF", "a PDF document"),
)


def check_size(path: Path, limits: Limits) -> int:
    """The file's size in bytes.

    Raises:
        FileRefusedError: `empty` or `file_too_large`.
    """
    size = path.stat().st_size
    if size == 0:
        raise FileRefusedError("empty", "The file is empty; the sender must send it again.")
    if size > limits.file_bytes:
        raise FileRefusedError(
            "file_too_large",
            f"The file has {size} bytes and at most {limits.file_bytes} are read; the sender must split it.",
        )
    return size


def text_pieces(path: Path, *, zipped: bool, limits: Limits) -> Iterator[bytes]:
    """The bytes of a text file, decompressed, in pieces of `limits.block_bytes`.

    Raises:
        FileRefusedError: not a text file, a broken archive, or over a limit.
    """
    size = check_size(path, limits)
    with path.open("rb") as file:
        pieces = _gunzip(file, size, limits) if zipped else _plain(file, limits.block_bytes)
        for number, piece in enumerate(pieces):
            if number == 0:
                _check_text(piece)
            yield piece


def _plain(file: IO[bytes], block: int) -> Iterator[bytes]:
    while piece := file.read(block):
        yield piece


def _check_text(head: bytes) -> None:
    for mark, what in _FOREIGN:
        if head.startswith(mark):
            raise FileRefusedError(
                "not_a_table",
                f"The file's name says text and its bytes say {what}; the sender must send it as text.",
            )


def _gunzip(file: IO[bytes], size: int, limits: Limits) -> Iterator[bytes]:
    """Decompressed pieces; all members of the archive, each with its check sum."""
    total, pieces, held = 0, [], 0
    for piece in _members(file):
        total += len(piece)
        held += len(piece)
        _check_expansion(total, size, limits)
        pieces.append(piece)
        if held >= limits.block_bytes:
            yield b"".join(pieces)
            pieces, held = [], 0
    if pieces:
        yield b"".join(pieces)
    if total == 0:
        raise FileRefusedError("empty", "The archive holds an empty file; the sender must send it again.")


def _members(file: IO[bytes]) -> Iterator[bytes]:
    stream = zlib.decompressobj(_GZIP)
    raw = file.read(_READ)
    try:
        while True:
            piece = stream.decompress(raw, _PIECE)
            if piece:
                yield piece
            raw = stream.unconsumed_tail
            if stream.eof:
                raw = stream.unused_data.lstrip(b"\0")  # padding after a member is allowed
                while not raw and (more := file.read(_READ)):
                    raw = more.lstrip(b"\0")
                if not raw:
                    return
                stream = zlib.decompressobj(_GZIP)
            elif not raw and len(piece) < _PIECE:
                raw = file.read(_READ)
                if not raw:
                    raise _broken()
    except zlib.error:
        raise _broken() from None


def _check_expansion(total: int, size: int, limits: Limits) -> None:
    if total > limits.expanded_bytes or (total > limits.ratio_from and total > size * limits.ratio):
        raise FileRefusedError(
            "archive_too_large",
            f"The archive has {size} bytes and expands beyond {total - 1}: over the limit; "
            "the sender must split the file or look for a damaged one.",
        )


def _broken() -> FileRefusedError:
    return FileRefusedError("broken_archive", "The archive is cut short or damaged; the sender must send it again.")
