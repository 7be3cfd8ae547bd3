"""Photos of made-up persons: whole grey JPEGs of a portrait's size, each with a comment and so a SHA-256 of its own."""

WIDTH, HEIGHT = 240, 320

_BLOCK = 8
#: Marker, length and content of the segments (ITU-T T.81, annex B): JFIF, quantisation, frame, two Huffman tables of
#: one code each (no difference; end of block), scan.
_JFIF = b"\xff\xe0\x00\x10JFIF\x00\x01\x02\x00\x00\x01\x00\x01\x00\x00"
_TABLE = b"\xff\xdb\x00\x43\x00" + b"\x08" * 64
_FRAME = b"\xff\xc0\x00\x0b\x08" + HEIGHT.to_bytes(2) + WIDTH.to_bytes(2) + b"\x01\x01\x11\x00"
_CODES = b"".join(b"\xff\xc4\x00\x14" + kind + b"\x01" + b"\x00" * 16 for kind in (b"\x00", b"\x10"))
_SCAN = b"\xff\xda\x00\x08\x01\x01\x00\x00\x3f\x00"
#: Each block is one bit "as grey as the one before" and one bit "nothing more".
_BLOCKS = b"\x00" * ((WIDTH // _BLOCK) * (HEIGHT // _BLOCK) * 2 // 8)

_BEFORE = b"\xff\xd8" + _JFIF
_AFTER = _TABLE + _FRAME + _CODES + _SCAN + _BLOCKS + b"\xff\xd9"


def photo(comment: str) -> bytes:
    """A grey picture of 240 × 320 pixels whose comment is the given text."""
    told = comment.encode()
    return b"".join((_BEFORE, b"\xff\xfe", (len(told) + 2).to_bytes(2), told, _AFTER))
