"""Every reason for which a file is not taken is told in Vietnamese as well."""

import re
from pathlib import Path

from config.reasons import file_reasons

ROOT = Path(__file__).parents[2]
SOURCES = [*(ROOT / "registry" / "formats").glob("*.py"), ROOT / "registry/file_ends.py", ROOT / "tasks/receive.py"]
CODE = re.compile(
    r'File(?:Refused|Held)Error\(\s*"([\w-]+)"|code="([\w-]+)"|_hold\(file, "([\w-]+)"|return "held", "([\w-]+)"'
)


def test_the_codes_in_the_program_and_in_the_table_are_the_same() -> None:
    found = {next(filter(None, codes)) for path in SOURCES for codes in CODE.findall(path.read_text("utf-8"))}
    assert len(found) > 15
    assert found == set(file_reasons())


def test_each_says_something() -> None:
    assert all(text.endswith(".") and len(text) > 10 for text in file_reasons().values())
