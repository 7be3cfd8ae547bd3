"""What a proof finds: breaches by invariant, with the table or file and never with a person's value."""

from dataclasses import dataclass, field

import duckdb

from registry.database import load_sql

#: How many places of one kind of breach are named; the others are counted.
NAMED = 20

INVARIANTS: dict[str, str] = {
    "I1": "every row of every file has exactly one outcome, and the sums close",
    "I2": "the store is the fold of the accepted forms and judgements",
    "I3": "no reader sees part of a load or of a batch",
    "I4": "every card is in exactly one batch",
    "I5": "no personal data in logs, reports, names or Prefect's database",
    "I6": "nothing is half done",
}


@dataclass(frozen=True)
class Breach:
    """One invariant that does not hold at one place.

    Attributes:
        invariant: a key of `INVARIANTS`.
        where: table or object, and which file, load, batch or column.
        what: what is wrong there, with a count.
    """

    invariant: str
    where: str
    what: str

    def __str__(self) -> str:
        return f"{self.invariant} {self.where}: {self.what}"


@dataclass
class Proof:
    """A proof under way.

    Attributes:
        local: a DuckDB with the snapshot of the store (schema `store`) and what the archive says (schema `archive`).
        notes: what is worth knowing and breaks nothing, such as leftovers of a killed run.
        counts: how much was looked at.
    """

    local: duckdb.DuckDBPyConnection
    breaches: list[Breach] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    counts: dict[str, int] = field(default_factory=dict)

    def add(self, invariant: str, where: str, what: str) -> None:
        """Notes a breach."""
        self.breaches.append(Breach(invariant, where, what))

    def check(self, name: str) -> None:
        """Runs `registry/sql/verify/<name>.sql`; its first two letters name the invariant.

        The statement has one row a place: the column `place`, and beside it columns of counts whose names say
        what they count. A count that is not zero is a breach.
        """
        self.check_query(name[:2].upper(), load_sql("verify", name))

    def check_query(self, invariant: str, query: str) -> None:
        """The same for a statement that is put together."""
        cursor = self.local.execute(query)
        whats = [column[0] for column in cursor.description or []][1:]
        found = {what: Found() for what in whats}
        while rows := cursor.fetchmany(1_000):
            for place, *counts in rows:
                for what, count in zip(whats, counts, strict=True):
                    found[what].take(str(place), int(count or 0))
        for what, places in found.items():
            for place, count in places.named:
                self.add(invariant, place, f"{count} {what}")
            if places.others:
                self.add(invariant, f"{places.others} more places", what)

    @property
    def verdict(self) -> str:
        """The last line that a person reads."""
        if self.breaches:
            broken = sorted({breach.invariant for breach in self.breaches})
            return f"{len(self.breaches)} breaches of {', '.join(broken)}; the operator must act, see docs/runbook.md"
        counted = ", ".join(f"{count:,} {what}" for what, count in self.counts.items())
        return f"All invariants hold ({counted})."


@dataclass
class Found:
    """The places of one kind of breach."""

    named: list[tuple[str, int]] = field(default_factory=list)
    others: int = 0

    def take(self, place: str, count: int) -> None:
        """Counts a place, and names it if it is one of the first."""
        if count and len(self.named) < NAMED:
            self.named.append((place, count))
        elif count:
            self.others += 1
