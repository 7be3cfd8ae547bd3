"""The page of all rules, made from the suites: `python -m expectations.rules_page [--check]`.

Without an option the page is written; `--check` ends with exit code 1 when the page in the tree is not the one
that the suites make.
"""

import sys
from collections.abc import Iterator
from pathlib import Path

from expectations.rules import SUITES, Rule, load_rules
from expectations.store import STORE_METRICS
from registry.cards.measures import DOSSIER_MEASURES
from registry.households import MEASURES, MOVEMENT_MEASURES
from registry.linkage.measures import LINKAGE_METRICS
from registry.profiles import FILE_METRICS

#: The page, inside the tree.
PAGE = Path(__file__).parents[1] / "docs" / "reference" / "rules.md"

_ABOUT = {
    "row": "One form alone. A critical rule sends the row to quarantine, a warning marks it.",
    "household": "A form among the forms of its household in the load.",
    "movement": "One movement alone, see `movements.md`. Rules are critical or warnings as in the suite of the row.",
    "dossier": "One dossier beside what the store knows of its person, see `dossiers.md`.",
    "load": "A file as a whole, by its counts. A critical rule holds the file: none of its rows is used.",
    "linkage": "A load after it was resolved, by counts. A critical rule holds the load whole: the operator acts.",
    "store": "The store after the merge, by counts. A critical rule closes the publish gate: the operator acts.",
}


def page() -> str:
    """The page as Markdown."""
    count = sum(len(load_rules(suite)) for suite in SUITES)
    lines = [
        "# Rules",
        "",
        "<!-- Made by `python -m expectations.rules_page` from `expectations/suites/*.json`: change the suites. -->",
        "",
        f"{count} rules in {len(SUITES)} suites. A row fails a rule where its condition (SQL) is false; where it is",
        "unknown (NULL) there is nothing to judge. `<column>_raw` is the cell as sent, `<column>` what was understood;",
        "the measures that rules read beside them are explained at the end.",
    ]
    for suite in SUITES:
        lines += ["", f"## {suite.capitalize()}: {len(load_rules(suite))} rules", "", _ABOUT[suite]]
        for rule in load_rules(suite):
            lines += ["", *_entry(rule)]
    lines += ["", "## Measures of a form", "", *(f"- `{name}`: {meaning}" for name, meaning in MEASURES.items())]
    lines += ["", "## Measures of a movement", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in MOVEMENT_MEASURES.items()]
    lines += ["", "## Measures of a dossier", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in DOSSIER_MEASURES.items()]
    lines += ["", "## Measures of a file", "", "Shares of few rows and drifts without earlier files are unknown.", ""]
    lines += [f"- `{name}`" for name in FILE_METRICS]
    lines += ["", "## Measures of a load", ""]
    lines += [f"- `{name}`: {meaning}" for name, meaning in LINKAGE_METRICS.items()]
    lines += ["", "## Counts of the store", "", *(f"- `{name}`: {meaning}" for name, meaning in STORE_METRICS.items())]
    return "\n".join(lines) + "\n"


def main(arguments: list[str]) -> int:
    """Writes the page, or with `--check` says whether it is fresh."""
    if arguments == ["--check"]:
        fresh = PAGE.exists() and PAGE.read_text(encoding="utf-8") == page()
        if not fresh:
            sys.stderr.write(f"{PAGE.name} is not what the suites make: run python -m expectations.rules_page\n")
        return 0 if fresh else 1
    PAGE.parent.mkdir(parents=True, exist_ok=True)
    PAGE.write_text(page(), encoding="utf-8")
    return 0


def _entry(rule: Rule) -> Iterator[str]:
    columns = f" Columns: {', '.join(rule.columns)}." if rule.columns else ""
    yield f"### {rule.id}"
    yield ""
    yield f"**{rule.severity}**.{columns}"
    yield ""
    yield f"- {rule.message_vi}"
    yield f"- {rule.message_en}"
    yield f"- {_expected(rule)}"


def _expected(rule: Rule) -> str:
    if rule.condition:
        return f"`{rule.condition}`"
    bounds = ", ".join(f"{name} {value}" for name, value in rule.kwargs.items() if name != "column")
    return f"`{rule.type}` of `{rule.column}`: {bounds}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
