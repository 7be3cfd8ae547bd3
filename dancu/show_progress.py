"""What `dancu progress` and `dancu outreach` print for people."""

from collections.abc import Iterator, Mapping
from typing import Any

from dancu.show import table
from registry.progress import reached


def progress_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """How far places are: counts, and the share of the target and the rank where one is set."""
    if not answer["date"]:
        yield "Nothing is counted yet: a night counts."
        return
    since = answer["places_since"]
    yield f"After the night of {answer['date']}, in the units of {'2021' if since < '2000' else since}"
    units = answer["units"]
    measures = list(units[0]["counts"]) if units else []
    asked = {measure for unit in units for measure in unit["targets"]}
    headers = ["place", ""]
    for measure in measures:
        headers += [measure.replace("_", " "), *(("of target", "rank") if measure in asked else ())]
        headers += ["temporary"] if measure == "dossiers" else []
    rows = []
    for unit in units:
        row: list[object] = [unit["code"], unit["name"]]
        for measure in measures:
            row += [unit["counts"][measure], *(_reached(unit["targets"].get(measure)) if measure in asked else ())]
            row += [unit["temporary"]["dossiers"]] if measure == "dossiers" else []
        rows.append([*row, "" if unit["days_of_stock"] is None else f"{unit['days_of_stock']:,.1f}"])
    yield ""
    yield from table([*headers, "days of stock"], rows)
    if any(answer["not_told_apart"].values()):
        apart = [f"{count:,} {name.replace('_', ' ')}" for name, count in answer["not_told_apart"].items() if count]
        yield f"Not told apart below it: {', '.join(apart)}"
    yield from _target_lines(answer)


def _reached(goal: Mapping[str, Any] | None) -> tuple[str, str]:
    if goal is None:
        return "", ""
    return reached(goal["count"], goal["target"]), f"{goal['rank']} of {goal['ranked']}" if goal["ranked"] > 1 else ""


def _target_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """Each target with the pace that it needs; those of places that are no more last."""
    goals = [goal for unit in answer["units"] for goal in unit["targets"].values()] + answer["targets_elsewhere"]
    if not goals:
        return
    yield ""
    headers = ("target of", "measure", "reached", "target", "share", "by", "a day of late", "a day needed")
    rows = [
        (f"{goal['name']} ({goal['place']})", goal["measure"].replace("_", " "), goal["count"], goal["target"],
         reached(goal["count"], goal["target"]), goal["until"], _per_day(goal["pace"]),
         "over" if goal["pace_needed"] is None else _per_day(goal["pace_needed"]))
        for goal in goals
    ]  # fmt: skip
    yield from table(headers, rows)


def _per_day(pace: float | None) -> str:
    return "" if pace is None else f"{pace:,.1f}"


def outreach_lines(answer: Mapping[str, Any]) -> Iterator[str]:
    """Who waits for a mobile team, in counts."""
    yield f"{answer['persons']:,} persons must have a card and have no dossier."
    if answer["groups"]:
        fewer = f"< {answer['fewer_than']}"
        rows = [
            (group["code"], group["name"], group["within"], group["company"],
             fewer if group["persons"] is None else f"{group['persons']:,}")
            for group in answer["groups"]
        ]  # fmt: skip
        yield ""
        yield from table(("commune", "", "in", "company", "persons"), rows)
    if answer["out"]:
        yield f"{answer['listed']:,} lines in {answer['out']}: they name persons, keep it to those who visit them."
