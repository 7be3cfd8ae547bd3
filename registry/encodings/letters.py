"""The letters of Vietnamese: twelve vowels, five tone marks, đ. Always in Unicode NFC."""

import re
import unicodedata

#: Tone marks as combining characters: grave, hook above, tilde, acute, dot below.
TONES = "\u0300\u0309\u0303\u0301\u0323"
VOWELS = "aăâeêioôơuưy"

#: Toned vowel in lower case → (vowel, tone mark).
TONED: dict[str, tuple[str, str]] = {
    unicodedata.normalize("NFC", vowel + tone): (vowel, tone) for vowel in VOWELS for tone in TONES
}
#: All letters that are not ASCII, in lower case.
MARKED = "".join(TONED) + "ăâêôơưđ"

WORD = re.compile(r"[^\W\d_]+")


def both_cases(table: dict[str, str]) -> dict[str, str]:
    """A table from lower-case letters to what stands for them, with the capitals and theirs added."""
    return table | {letter.upper(): written.upper() for letter, written in table.items()}


def composed(text: str) -> str:
    """The text in NFC; costs nothing where it is."""
    return unicodedata.normalize("NFC", text)
