"""Windows-1258 with its letters composed: the code has tone marks of their own, and Python leaves them apart."""

from registry.encodings.letters import TONED, composed

_APART = str.maketrans(
    {
        letter: vowel + tone
        for small, (base, tone) in TONED.items()
        for letter, vowel in ((small, base), (small.upper(), base.upper()))
        if letter.encode("cp1258", "replace") == b"?"
    }
)


def decode(data: bytes, errors: str) -> str:
    """The text, in NFC."""
    return composed(data.decode("cp1258", errors))


def encode(text: str, errors: str) -> bytes:
    """The text as Windows-1258: a letter that has no code is written as a vowel and its tone mark."""
    return composed(text).translate(_APART).encode("cp1258", errors)
