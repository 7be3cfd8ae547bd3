"""The page of a card's life says what the table of steps says."""

import re

from registry.cards.life import NOTHING, PHASES, STATES, STEPS
from registry.cards.life_page import MEANINGS, PAGE, main, page


def test_the_page_in_the_tree_is_fresh() -> None:
    assert main(["--check"]) == 0


def test_the_diagram_has_every_step_but_the_cancellations_and_no_other() -> None:
    drawn = set()
    for line in page().split("```")[1].splitlines():
        if found := re.fullmatch(r" +(\[\*\]|\w+) --> (\w+)(?:: (\w+))?", line):
            drawn.add((found[3] or found[2], NOTHING if found[1] == "[*]" else found[1], found[2]))
    steps = {(event, *step) for event, states in STEPS.items() for step in states.items()}
    assert drawn == {step for step in steps if step[0] != "cancelled"}


def test_the_table_has_every_event_with_its_states() -> None:
    rows = [line.split(" | ") for line in page().splitlines() if line.startswith("| `") and line.count(" | ") == 4]
    named = {row[0].strip("|` "): set(re.findall(r"`(\w+)`", row[3])) for row in rows}
    assert named == {event: set(states) - {NOTHING} for event, states in STEPS.items()}
    assert set(MEANINGS) == set(STEPS)


def test_every_state_and_phase_is_on_the_page() -> None:
    text = PAGE.read_text(encoding="utf-8")
    assert all(f"`{state}`" in text for state in STATES if state != NOTHING)
    assert all(", ".join(f"`{event}`" for event in phase) in text for phase in PHASES)
