"""One step of the exchange as a process of its own, for `test_exchange_killed` to kill: `register` or `centre HOME`."""

import sys
from pathlib import Path

from centre.faults import Faults
from centre.house import House
from centre.run import run_centre
from config.centre import CENTRE
from tasks.hand_off import hand_off_cards
from tasks.platform import platform
from tasks.take_answers import take_answer_files
from tests.integration.card_store import NIGHT


def main(who: str, *home: str) -> None:
    place = platform()
    if who == "centre":
        run_centre(House(CENTRE, Path(home[0]), place.objects), faults=Faults(), deliver=1.0)
    else:
        hand_off_cards(place, date=NIGHT)
        take_answer_files(place, date=NIGHT)


if __name__ == "__main__":
    main(*sys.argv[1:])
