"""Clusters: forms that are one person, by the pairs that tie them and under the constraints that keep them apart.

A person is a component of the graph of matching pairs. A component that breaks a constraint is put together again pair
by pair, the heaviest first, and a pair that would break one is left out. What comes out depends on the pairs, the
constraints and what reviewers said, and on no order in which they came.

Constraints: two valid personal numbers that are no slip of each other and no change on record; two rows of one
household register that are plainly two members; a reviewer's "never". A slip of a number needs the same name beside
it: twins have numbers that follow each other. A reviewer's "same" lifts numbers and registers, but no chain of them
lifts a "never".
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

#: One row a form. `number`: its valid personal number; `known_number`: the one that it says it replaces; `name`: of its
#: name as it is written, since twins are told apart by an accent; `register`: the household register (file and book) in
#: which it is a row; `member`: who it is there, by name without accents and birth date.
MEMBER_SCHEMA = pa.schema(
    [
        ("form_id", pa.large_string()),
        ("number", pa.int64()),
        ("known_number", pa.int64()),
        ("name", pa.int64()),
        ("register", pa.int64()),
        ("member", pa.int64()),
    ]
)

#: One row a pair: the positions of its forms, its weight, and what a reviewer said of it last, if anybody did.
PAIR_SCHEMA = pa.schema(
    [("a", pa.int64()), ("b", pa.int64()), ("weight", pa.float64()), ("verdict", pa.large_string())]
)

#: What reviewers say of a pair: one person; not on this evidence; never, whatever comes; cannot be told.
SAME, DIFFERENT, NEVER, UNSURE = VERDICTS = ("same", "different", "never", "unsure")

Labels = NDArray[np.int64]


def cluster_forms(members: pa.Table, pairs: pa.Table, *, match_weight: float) -> Labels:
    """Which forms are one person.

    Args:
        members: `MEMBER_SCHEMA`, at most one row a form.
        pairs: `PAIR_SCHEMA`, at most one row a pair.
        match_weight: from this weight on a pair ties its forms.

    Returns:
        A label a form; forms of one label are one person.
    """
    verdict = pairs["verdict"].to_numpy(zero_copy_only=False)
    a, b = pairs["a"].to_numpy(), pairs["b"].to_numpy()
    weight = pairs["weight"].to_numpy()
    ties = (verdict == SAME) | ((weight >= match_weight) & (verdict != DIFFERENT) & (verdict != NEVER))
    labels = _components(len(members), a[ties], b[ties])
    never = verdict == NEVER
    troubled = _troubled(members, labels) | set(labels[a[never & (labels[a] == labels[b])]].tolist())
    if not troubled:
        return labels
    return _resolved(members, labels, troubled, ties=ties, never=never, pairs=(a, b, weight, verdict == SAME))


def _components(count: int, a: Labels, b: Labels) -> Labels:
    graph = coo_array((np.ones(len(a), dtype=np.int8), (a, b)), shape=(count, count))
    labels: Labels = connected_components(graph, directed=False)[1].astype(np.int64)
    return labels


def _troubled(members: pa.Table, labels: Labels) -> set[int]:
    """Components in which two numbers, or two members of one register, meet."""
    sizes = np.bincount(labels)
    several = pa.array(sizes[labels] > 1)
    table = members.append_column("label", pa.array(labels)).filter(several)
    found: set[int] = set()
    for what, within in (("number", ["label"]), ("member", ["label", "register"])):
        known = table.filter(table[what].is_valid()) if what == "number" else table.filter(table["register"].is_valid())
        counted = known.group_by(within).aggregate([(what, "count_distinct")])
        found |= set(counted.filter(pc.greater(counted[f"{what}_count_distinct"], 1))["label"].to_pylist())
    return found


def _resolved(
    members: pa.Table, labels: Labels, troubled: set[int], *, ties: NDArray[np.bool_], never: NDArray[np.bool_],
    pairs: tuple[Labels, Labels, NDArray[np.float64], NDArray[np.bool_]],
) -> Labels:  # fmt: skip
    """The labels, with the troubled components put together under the constraints."""
    a, b, weight, same = pairs
    in_trouble = np.isin(labels, list(troubled))
    rows = {int(row): _Form(**facts) for row, facts in _facts(members, np.flatnonzero(in_trouble))}
    for left, right in zip(a[never & in_trouble[a]].tolist(), b[never & in_trouble[a]].tolist(), strict=True):
        if right in rows:
            rows[left].never.add(right)
            rows[right].never.add(left)
    chosen = np.flatnonzero(ties & in_trouble[a])
    order = sorted(
        chosen.tolist(), key=lambda pair: (not same[pair], -weight[pair], *_names(rows, int(a[pair]), int(b[pair])))
    )
    clusters = {row: _Cluster.of(row, form) for row, form in rows.items()}
    for pair in order:
        left, right = clusters[int(a[pair])], clusters[int(b[pair])]
        if left is not right and not left.never_is(right) and (same[pair] or not left.differs(right)):
            left.take(right)
            clusters.update(dict.fromkeys(right.forms, left))
    fresh = labels.copy()
    first = int(labels.max()) + 1
    numbers: dict[int, int] = {}
    for row, cluster in sorted(clusters.items()):
        fresh[row] = numbers.setdefault(id(cluster), first + len(numbers))
    return fresh


def _facts(members: pa.Table, rows: Labels) -> Iterable[tuple[int, dict[str, Any]]]:
    return zip(rows.tolist(), members.take(pa.array(rows)).to_pylist(), strict=True)


def _names(rows: "dict[int, _Form]", a: int, b: int) -> tuple[str, ...]:
    return tuple(sorted((rows[a].form_id, rows[b].form_id)))


@dataclass
class _Form:
    form_id: str
    number: int | None
    known_number: int | None
    name: int | None
    register: int | None
    member: int | None
    never: set[int] = field(default_factory=set)


@dataclass
class _Cluster:
    """Forms taken to be one person, and what keeps others out."""

    forms: list[int]
    never: set[int]
    numbers: set[tuple[int, int | None]]
    changes: list[tuple[int, int]]
    registers: dict[int, set[tuple[int | None, ...]]]

    @classmethod
    def of(cls, row: int, form: _Form) -> "_Cluster":
        registers: dict[int, set[tuple[int | None, ...]]] = defaultdict(set)
        if form.register is not None:
            registers[form.register].add((form.member, form.name, form.number))
        numbers = {(number, form.name) for number in (form.number, form.known_number) if number is not None}
        changes = [(form.known_number, form.number)] if form.known_number and form.number else []
        return cls([row], set(form.never), numbers, changes, registers)

    def take(self, other: "_Cluster") -> None:
        self.forms += other.forms
        self.never |= other.never
        self.numbers |= other.numbers
        self.changes += other.changes
        for register, found in other.registers.items():
            self.registers[register] |= found

    def never_is(self, other: "_Cluster") -> bool:
        """Whether a reviewer says that these are two persons, whatever others tie."""
        return not self.never.isdisjoint(other.forms)

    def differs(self, other: "_Cluster") -> bool:
        """Whether numbers or registers say that these are two persons."""
        return self._two_numbers(other) or any(
            mine[0] != theirs[0] and (None in mine[1:] or mine[1:] != theirs[1:])
            for register in self.registers.keys() & other.registers.keys()
            for mine in self.registers[register]
            for theirs in other.registers[register]
        )

    def _two_numbers(self, other: "_Cluster") -> bool:
        changed = {frozenset(change) for change in (*self.changes, *other.changes)}
        return any(
            one != two and not (mine == theirs and is_slip(one, two)) and frozenset((one, two)) not in changed
            for one, mine in self.numbers
            for two, theirs in other.numbers
        )


def is_slip(one: int, two: int) -> bool:
    """Whether two numbers of twelve digits differ by one digit, or by two neighbours that changed places."""
    left, right = f"{one:012d}", f"{two:012d}"
    differ = [place for place in range(len(left)) if left[place] != right[place]]
    if len(differ) == 1:
        return True
    return (
        len(differ) == 2  # noqa: PLR2004 - two neighbours
        and differ[1] - differ[0] == 1
        and left[differ[0]] == right[differ[1]]
        and left[differ[1]] == right[differ[0]]
    )
