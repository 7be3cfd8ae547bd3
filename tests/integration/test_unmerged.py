"""Everything un-merged and merged again is the same store."""

import datetime as dt
from collections.abc import Iterator, Sequence
from itertools import combinations
from pathlib import Path
from typing import Any

import pytest

from registry.linkage.clusters import NEVER, SAME
from tasks.judge import Said, judge
from tasks.platform import Platform
from tasks.verify import examine
from tests.integration.conftest import Worked
from tests.integration.real_store import SECOND
from tests.integration.registers import ask

AFTERWARDS = SECOND + dt.timedelta(days=1)


@pytest.fixture
def place(worked: Worked, tmp_path: Path) -> Iterator[Platform]:
    with worked(tmp_path / "home", "unmerged") as place:
        yield place


def everybody(place: Platform) -> list[tuple[Any, ...]]:
    """Each person with all that is known of it, and its forms."""
    return ask(
        place,
        "SELECT p.*, array(SELECT form_id FROM membership AS m WHERE m.person_id = p.person_id ORDER BY form_id)"
        "  FROM person AS p ORDER BY person_id",
    )


def say(place: Platform, verdict: str, together: Sequence[Sequence[str]]) -> None:
    """A reviewer says the same of every two forms of each person."""
    said = [Said(*two, verdict, reviewer="x", reason="y") for forms in together for two in combinations(forms, 2)]
    judge(place, said, date=AFTERWARDS)


def test_every_person_is_parted_into_its_forms_and_put_together_again(place: Platform) -> None:
    before = everybody(place)
    together = [[form.hex for form in person[-1]] for person in before if len(person[-1]) > 1]
    assert len(together) > 20
    say(place, NEVER, together)
    parted = everybody(place)
    assert [len(person[-1]) for person in parted] == [1] * sum(len(person[-1]) for person in before)
    assert examine(place).breaches == []
    say(place, SAME, together)
    assert everybody(place) == before
    assert examine(place).breaches == []
    # Every id that a form ever had leads to the person of today.
    astray = (
        "SELECT person_id FROM judgement EXCEPT SELECT person_id FROM person EXCEPT SELECT old_id FROM person_alias"
    )
    assert ask(place, astray) == []
    assert len(ask(place, "SELECT old_id FROM person_alias")) >= len(parted) - len(before)
