"""What `dancu keys` does: the register's own key folder, shown by public facts alone."""

import datetime as dt
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from dancu.show import table
from registry.errors import UsageError
from registry.sealing.keys import ACTIVE, ESCROW, REGISTER, RETIRED, SEALING, SIGNING, Key, fact_of, read_key
from tasks.platform import platform, today


def make_key(purpose: str, *, out: Path | None, anew: bool) -> dict[str, Any]:
    """Makes the register's signing key, or the escrow's sealing key.

    Args:
        purpose: `signing` or `escrow`.
        out: folder for the escrow's private half.
        anew: whether there is one already, whose place it takes.

    Returns:
        The facts of the key.

    Raises:
        UsageError: there is a key already, or none yet; or the escrow's private half would stay here.
    """
    folder, day = platform().keys, today()
    owner, kind = (REGISTER, SIGNING) if purpose == SIGNING else (ESCROW, SEALING)
    if (owner == ESCROW) != (out is not None):
        raise UsageError("--out is for --purpose escrow, and needed there: its private half must not stay here")
    if any(key.state(day) == ACTIVE for key in folder.read().of(owner, kind)) != anew:
        raise UsageError(
            "there is no such key yet: `dancu keys make` makes it"
            if anew
            else "there is an active key already: `dancu keys rotate` makes the next one"
        )
    return _shown(folder.make(owner, kind, day=day, private_in=out), day)


def retire_key(key_id: str) -> dict[str, Any]:
    """Retires a key from today on; returns its facts.

    Raises:
        UsageError: no key has that id.
    """
    return _shown(platform().keys.retire(key_id, day=today()), today())


def add_keys(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Takes in public keys of others; returns their facts.

    Raises:
        Refused: a file is no key file.
        UsageError: a key is one of the register's own, or was retired here.
    """
    folder, day = platform().keys, today()
    given = [read_key(file.read_bytes()) for file in files]
    if any(key.owner == REGISTER for key in given):
        raise UsageError(
            f"a key says that it is the {REGISTER}'s own: `dancu keys make` makes those, nobody sends them"
        )
    known = [folder.add(key, day=day) for key in given]
    if any(key.state(day) == RETIRED for key in known):
        raise UsageError("a key was retired here before and stays so: its owner makes another")
    return [_shown(key, day) for key in known]


def list_facts() -> list[dict[str, Any]]:
    """The facts of every key that is known, in the order in which they came."""
    return [_shown(key, today()) for key in platform().keys.read().known]


def key_lines(facts: Sequence[dict[str, Any]]) -> Iterator[str]:
    """The same for people."""
    names = ("key_id", "owner", "purpose", "state", "made_on", "retiring_from", "retired_from")
    return table(names, [[fact[name] for name in names] for fact in facts])


def _shown(key: Key, day: dt.date) -> dict[str, Any]:
    return {**fact_of(key), "state": key.state(day)}
