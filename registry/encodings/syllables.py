"""Which syllables are Vietnamese: by rule, not by a list of words, and how Vietnamese a text is.

A syllable is an initial, a rime and a tone. The rules are those of Vietnamese spelling: c, g, ng before back
vowels and k, gh, ngh before front ones, `qu` and `gi`, the two tones that a rime closed by a stop can have, and
where the mark stands (both ways that are in use: hòa and hoà). Not every syllable they allow is a word.
"""

import re
from collections.abc import Iterable, Iterator
from functools import cache

from registry.encodings.letters import MARKED, TONES, composed

_STOPS = ("p", "t", "c", "ch")
_STOP_TONES = "\u0301\u0323"
_FRONT = "eêiy"

#: Nucleus → what can close it; `-`: nothing does.
_RIMES: dict[str, str] = {
    "a": "- i o u y m n ng nh p t c ch",
    "ă": "m n ng p t c",
    "â": "u y m n ng p t c",
    "e": "- o m n ng p t c",
    "ê": "- u m n ng nh p t c ch",
    "i": "- u m n nh p t ch",
    "o": "- i m n ng p t c",
    "oo": "ng c",
    "ô": "- i m n ng p t c",
    "ơ": "- i m n p t",
    "u": "- i m n ng p t c",
    "ư": "- i u m n ng t c",
    "ia": "-",
    "iê": "u m n ng p t c",
    "ua": "-",
    "uô": "i m n ng t c",
    "ưa": "-",
    "ươ": "i u m n ng p t c",
}
#: The same behind the glide, which is written o or u.
_GLIDED: dict[str, str] = {
    "oa": "- i o y m n ng nh p t c ch",
    "oă": "m n ng p t c",
    "oe": "- o n t",
    "uê": "- n nh ch",
    "uâ": "y n ng t",
    "uơ": "-",
    "uy": "- u n nh t ch p",
    "uya": "-",
    "uyê": "n t",
}
#: The same behind `qu`, whose u is the glide.
_AFTER_QU: dict[str, str] = {
    "a": "- i o u y m n ng nh p t c ch",
    "ă": "m n ng p t c",
    "â": "y n ng t",
    "e": "- o n t",
    "ê": "- n nh t ch",
    "i": "- n nh t ch",
    "ô": "c",
    "ơ": "- i n t",
    "y": "- n nh t ch",
    "yê": "n t",
}
_INITIALS = (
    "", "b", "c", "d", "đ", "g", "h", "k", "l", "m", "n", "p", "r", "s", "t", "v", "x",
    "ch", "gh", "gi", "kh", "ng", "ngh", "nh", "ph", "th", "tr",
)  # fmt: skip
_BEFORE_FRONT, _BEFORE_BACK = ("k", "gh", "ngh"), ("c", "g", "ng")
_NO_GLIDE = ("b", "c", "k", "gh", "gi", "m", "ngh", "p", "ph", "v")
_BEFORE_Y = ("", "h", "k", "l", "m", "s", "t", "th", "v")

#: Letters, and whatever else is no plain sign: a reading in a wrong encoding is full of it.
_WORD = re.compile("[A-Za-z\x80-\x9f\xa1-\u1fff\ud800-\udfff]+")
_HAS_MARK = re.compile(r"[^\x00-\x7f]").search


@cache
def syllables() -> frozenset[str]:
    """All legal syllables, in lower case and NFC, without and with tone marks."""
    return frozenset(
        toned
        for initial, nucleus, end in _untoned()
        for tone in ("", *(_STOP_TONES if end in _STOPS else TONES))
        for toned in _toned(initial, nucleus, end, tone)
        if tone or end not in _STOPS
    )


@cache
def marked_syllables() -> frozenset[str]:
    """The legal syllables that are not plain ASCII."""
    return frozenset(filter(_HAS_MARK, syllables()))


def how_vietnamese(values: Iterable[str]) -> float:
    """How Vietnamese the words of some texts are: 1 at best, 0 for plain ASCII, below 0 for wrong readings.

    It is the share of distinct words that carry marks and are legal syllables, less the share of those that carry
    marks and are not.

    Args:
        values: texts, each once; in NFC.
    """
    words = {word for value in values for word in _WORD.findall(value.lower())}
    marked = {word for word in words if _HAS_MARK(word)}
    legal = len(marked & marked_syllables())
    return (2 * legal - len(marked)) / len(words) if words else 0.0


def marked_words(text: str) -> tuple[int, int]:
    """How many words of a text carry marks, and how many of those are legal syllables."""
    marked = [word for word in _WORD.findall(text.lower()) if _HAS_MARK(word)]
    return len(marked), sum(word in marked_syllables() for word in marked)


def _untoned() -> Iterator[tuple[str, str, str]]:
    """Initial, nucleus (with its glide) and coda."""
    for initial in _INITIALS:
        for nucleus, end in _pairs(_RIMES):
            if _fits(initial, nucleus):
                yield initial, nucleus, end
        if initial not in _NO_GLIDE:
            yield from ((initial, nucleus, end) for nucleus, end in _pairs(_GLIDED))
        if initial in _BEFORE_Y:
            yield initial, "y", ""
    yield from (("qu", nucleus, end) for nucleus, end in _pairs(_AFTER_QU))
    yield from (("", "yê", end) for end in ("u", "m", "n", "ng", "t"))
    yield from (("g", "i", ""), ("g", "i", "n"))
    yield from (("gi", "ê", end) for end in ("m", "ng", "t", "c"))


def _pairs(rimes: dict[str, str]) -> Iterator[tuple[str, str]]:
    for nucleus, ends in rimes.items():
        yield from ((nucleus, end.strip("-")) for end in ends.split())


def _fits(initial: str, nucleus: str) -> bool:
    if initial == "gi":
        return nucleus[0] not in "iê"
    if initial == "" and nucleus == "iê":
        return False
    if nucleus[0] in _FRONT:
        return initial not in _BEFORE_BACK
    return initial not in _BEFORE_FRONT


def _toned(initial: str, nucleus: str, end: str, tone: str) -> Iterator[str]:
    for at in _tone_places(nucleus, end):
        yield composed(initial + nucleus[: at + 1] + tone + nucleus[at + 1 :] + end)


def _tone_places(nucleus: str, end: str) -> tuple[int, ...]:
    """Where in the nucleus the tone mark may stand."""
    shaped = [at for at, letter in enumerate(nucleus) if letter in MARKED]
    if shaped:
        return (shaped[-1],)
    if nucleus in ("oa", "oe", "uy"):
        return (1,) if end else (0, 1)
    if nucleus in ("uya", "oo"):
        return (1,)
    return (0,)
