"""Who may send registers, and how far each is trusted where two disagree (`sources.csv`)."""

import csv
from dataclasses import dataclass
from pathlib import Path

_LEVELS = {2: "province", 3: "district", 5: "commune"}


_TABLE = Path(__file__).with_name("sources.csv")


@dataclass(frozen=True)
class Sources:
    """Trust by source; localities are trusted by their level.

    Attributes:
        trust_of: source or level → 0 (least) to 15 (most).
        province_of: named source → 2-digit province code, empty for a national one.
    """

    trust_of: dict[str, int]
    province_of: dict[str, str]

    @classmethod
    def load(cls, path: Path = _TABLE) -> "Sources":
        """Reads `sources.csv`: source, names, province, trust, legal basis of the trust."""
        with path.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
        return cls(
            trust_of={row["source"]: int(row["trust"]) for row in rows},
            province_of={row["source"]: row["province"] for row in rows if row["source"] not in _LEVELS.values()},
        )

    def trust(self, sender: str) -> int:
        """Trust of a sender: a locality's 2, 3 or 5 digits, or the name of a source."""
        return self.trust_of[_LEVELS[len(sender)] if sender.isdigit() else sender]

    def is_named(self, sender: str) -> bool:
        """Whether the sender is a named source and no locality."""
        return sender in self.province_of
