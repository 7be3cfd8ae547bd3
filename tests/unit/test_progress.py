"""How far each place is: the seed's own figures, periods, pace, ranks, and targets of units that are no more."""

from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest

import config
from registry.errors import SenderError
from registry.places import BEGINNING, Gazetteer
from registry.progress.counts import COUNTED, Counts, History
from registry.progress.standing import Goal, standing_on
from registry.progress.targets import Target, read_targets

GAZETTEER = Gazetteer.open(Path(config.__file__).parent / "places")
NIGHT = date(2021, 6, 27)
REFORM = date(2025, 7, 1)
#: Communes of Biên Hòa (731) and of Long Khánh (732), in Đồng Nai; one in Hà Nội.
TAN_MAI, HOA_AN, LONG_KHANH, HANOI = "26026", "26068", "26074", "00001"


def counts(night: date, rows: Iterable[dict[str, object]]) -> Counts:
    table = pd.DataFrame([{"place_from": BEGINNING, **dict.fromkeys(COUNTED, 0), **row} for row in rows])
    return Counts(night, table)


def nights(*found: Counts) -> History:
    def on(day: date) -> Counts | None:
        return max((one for one in found if one.date <= day), key=lambda one: one.date, default=None)

    return on


def target(place: str, measure: str, number: int, *, since: date = BEGINNING, until: date = date(2021, 7, 1)) -> Target:
    return Target(place, NIGHT, measure, since, until, number)


def the_goal(history: History, *targets: Target, day: date = NIGHT, places_of: date | None = None) -> Goal:
    standing = standing_on(day, history=history, targets=targets, gazetteer=GAZETTEER, places_of=places_of)
    assert standing
    return standing.goals[0]


# -- the seed ----------------------------------------------------------------------------------------------

DONG_NAI = counts(
    NIGHT,
    [
        {"place": TAN_MAI, "forms": 2_000_000, "dossiers": 1_000_000, "temporary_dossiers": 40_000, "returned": 5_000},
        {"place": LONG_KHANH, "forms": 1_100_000, "dossiers": 500000, "temporary_dossiers": 6_000, "returned": 200_000},
    ],
)  # fmt: skip


def test_forms_of_dong_nai() -> None:
    goal = the_goal(nights(DONG_NAI), target("75", "forms", 3_109_000))
    assert goal.count == 3_100_000
    assert f"{goal.share:.1%}" == "99.7%"


def test_dossiers_and_cards_of_dong_nai() -> None:
    standing = standing_on(NIGHT, history=nights(DONG_NAI), targets=[], gazetteer=GAZETTEER)
    assert standing
    province = standing.units.loc["75"]
    assert (province["dossiers"], province["temporary_dossiers"], province["returned"]) == (1_500_000, 46_000, 205_000)
    assert standing.units.loc["VN", "dossiers"] == 1_500_000


def test_dossiers_of_the_nation() -> None:
    history = nights(counts(date(2021, 7, 1), [{"place": HANOI, "dossiers": 54_000_000}]))
    nation = target("VN", "dossiers", 50_000_000, since=date(2021, 1, 1))
    goal = the_goal(history, nation, day=date(2021, 7, 1))
    assert (goal.count, f"{goal.share:.0%}", goal.pace_needed) == (54_000_000, "108%", 0.0)


# -- periods and pace --------------------------------------------------------------------------------------


def test_only_what_came_in_the_period_counts() -> None:
    history = nights(
        counts(date(2021, 5, 31), [{"place": TAN_MAI, "dossiers": 100}]),
        counts(NIGHT, [{"place": TAN_MAI, "dossiers": 160}]),
    )
    assert the_goal(history, target(TAN_MAI, "dossiers", 120, since=date(2021, 6, 1))).count == 60
    assert the_goal(history, target(TAN_MAI, "dossiers", 120)).count == 160


def test_a_period_that_is_over_is_counted_to_its_end() -> None:
    history = nights(
        counts(date(2021, 6, 1), [{"place": TAN_MAI, "dossiers": 100}]),
        counts(NIGHT, [{"place": TAN_MAI, "dossiers": 160}]),
    )
    goal = the_goal(history, target(TAN_MAI, "dossiers", 120, until=date(2021, 6, 10)))
    assert (goal.count, goal.days_left, goal.pace_needed) == (100, -17, None)


def test_the_target_whose_period_the_night_lies_in_goes_before_others() -> None:
    history = nights(counts(NIGHT, [{"place": TAN_MAI, "dossiers": 160}]))
    over = target(TAN_MAI, "dossiers", 1, until=date(2021, 6, 10))
    to_come = target(TAN_MAI, "dossiers", 2, since=date(2021, 7, 1), until=date(2021, 9, 1))
    assert the_goal(history, to_come, target(TAN_MAI, "dossiers", 3), over).target.target == 3
    assert the_goal(history, to_come, over).target.target == 1


def test_a_target_that_ended_long_ago_is_not_shown() -> None:
    history = nights(counts(NIGHT, [{"place": TAN_MAI, "dossiers": 160}]))
    for days, shown in ((90, 1), (91, 0)):
        over = target(TAN_MAI, "dossiers", 120, until=NIGHT - timedelta(days=days))
        standing = standing_on(NIGHT, history=history, targets=[over], gazetteer=GAZETTEER)
        assert standing
        assert len(standing.goals) == shown


def test_pace_and_the_pace_that_is_needed() -> None:
    week_ago = counts(NIGHT - timedelta(days=7), [{"place": TAN_MAI, "dossiers": 90}])
    now = counts(NIGHT, [{"place": TAN_MAI, "dossiers": 160, "returned": 60, "delivered": 20}])
    goal = the_goal(nights(week_ago, now), target(TAN_MAI, "dossiers", 200))
    assert (goal.pace, goal.days_left, goal.pace_needed) == (10.0, 4, 10.0)
    assert the_goal(nights(now), target(TAN_MAI, "dossiers", 200)).pace is None


def test_days_of_stock_are_cards_at_the_offices_by_the_pace_of_delivery() -> None:
    yesterday = counts(NIGHT - timedelta(days=1), [{"place": TAN_MAI, "returned": 60, "delivered": 10}])
    now = counts(NIGHT, [{"place": TAN_MAI, "returned": 60, "delivered": 20}])
    standing = standing_on(NIGHT, history=nights(yesterday, now), targets=[], gazetteer=GAZETTEER)
    assert standing
    assert standing.units.loc["731", ["at_offices", "days_of_stock"]].tolist() == [40, 4.0]
    alone = standing_on(NIGHT, history=nights(now), targets=[], gazetteer=GAZETTEER)
    assert alone
    assert alone.units.loc["731", ["days_of_stock"]].isna().all()


def test_ranks_within_a_level_are_by_share_and_equal_shares_share_one() -> None:
    history = nights(
        counts(NIGHT, [{"place": place, "forms": forms} for place, forms in ((TAN_MAI, 50), (HOA_AN, 90), (HANOI, 50))])
    )
    targets = [target(place, "forms", 100) for place in (TAN_MAI, HOA_AN, HANOI, "75")]
    standing = standing_on(NIGHT, history=history, targets=targets, gazetteer=GAZETTEER)
    assert standing
    ranks = {goal.unit: (goal.rank, goal.ranked) for goal in standing.goals}
    assert ranks == {TAN_MAI: (2, 3), HOA_AN: (1, 3), HANOI: (2, 3), "75": (1, 1)}


# -- the units of other days -------------------------------------------------------------------------------


def test_a_target_of_an_old_district_is_compared_with_what_belonged_to_it_then() -> None:
    history = nights(
        counts(
            date(2026, 1, 1),
            [{"place": HOA_AN, "forms": 60}, {"place": "26068", "place_from": REFORM, "forms": 30},
             {"place": LONG_KHANH, "forms": 1000}],
        )
    )  # fmt: skip
    district = target("731", "forms", 100, until=date(2026, 1, 31))
    today = the_goal(history, district, day=date(2026, 1, 1))
    assert (today.count, today.unit, today.name) == (90, None, "Thành phố Biên Hòa")
    then = the_goal(history, district, day=date(2026, 1, 1), places_of=date(2021, 6, 30))
    assert (then.count, then.unit) == (90, "731")


def test_old_codes_are_shown_in_the_units_of_today() -> None:
    history = nights(counts(date(2026, 1, 1), [{"place": HOA_AN, "forms": 60}, {"place": "26449", "forms": 5}]))
    standing = standing_on(date(2026, 1, 1), history=history, targets=[], gazetteer=GAZETTEER)
    assert standing
    assert standing.units.loc["26068", "name"] == "Phường Biên Hoà"
    assert standing.units["forms"].to_dict() == {"VN": 65, "75": 65, "26068": 60}
    assert standing.apart["forms"].to_dict() == {"75": 5}


def test_a_place_of_which_nothing_is_counted_is_there_when_something_is_asked_of_it() -> None:
    history = nights(counts(NIGHT, [{"place": HANOI, "forms": 1}]))
    standing = standing_on(NIGHT, history=history, targets=[target("731", "forms", 10)], gazetteer=GAZETTEER)
    assert standing
    assert standing.units["forms"].to_dict() == {"VN": 1, "01": 1, "75": 0, "001": 1, "731": 0, HANOI: 1}


def test_before_the_first_night_there_is_nothing() -> None:
    assert standing_on(NIGHT, history=nights(), targets=[], gazetteer=GAZETTEER) is None


# -- files of targets --------------------------------------------------------------------------------------


def read(content: str, sender: str = "75") -> list[Target]:
    return read_targets(content.encode("utf-8-sig"), sender=sender, gazetteer=GAZETTEER)


def test_targets_as_a_spreadsheet_saves_them() -> None:
    content = "place;measure;target;from;until\n731;dossiers;1.500.000;01/06/2021;01/07/2021\n75;forms;9;;2021-07-01\n"
    assert read(content) == [
        Target("731", date(2021, 6, 1), "dossiers", date(2021, 6, 1), date(2021, 7, 1), 1_500_000),
        Target("75", date(2021, 7, 1), "forms", BEGINNING, date(2021, 7, 1), 9),
    ]


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("731,houses,5,2021-07-01,", "measure"),
        ("731,forms,0,2021-07-01,", "target"),
        ("731,forms,1.5,2021-07-01,", "target"),
        ("731,forms,5,soon,", "until"),
        ("731,forms,5,,", "until"),
        ("73100,forms,5,2021-07-01,", "place"),
        ("26068,forms,5,2021-07-01,1800-13-01", "place_date"),
        ("001,forms,5,2021-07-01,", "does not lie in the place"),
        ("VN,forms,5,2021-07-01,", "does not lie in the place"),
    ],
)
def test_a_line_that_is_wrong_is_named_without_its_cells(line: str, fault: str) -> None:
    with pytest.raises(SenderError, match=f"line 2: .*{fault}"):
        read(f"place,measure,target,until,place_date\n{line}\n")


def test_the_nation_may_set_any_target_and_a_table_without_columns_none() -> None:
    assert len(read("place,measure,target,until\nVN,forms,5,2021-07-01\n75,forms,5,2021-07-01\n", "VN")) == 2
    with pytest.raises(SenderError, match="no column until"):
        read("place,measure,target\n")
    with pytest.raises(SenderError, match="UTF-8"):
        read_targets("mục tiêu".encode("utf-16"), sender="75", gazetteer=GAZETTEER)
