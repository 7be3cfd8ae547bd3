"""Programs that run beside `dancu serve` and end with it, together with all that they started."""

import contextlib
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple, TypeAlias

#: How long a part may take to end before it is killed, in seconds.
GRACE = 15.0

#: Where the system has this program, the kernel ends a part when we are killed and can no longer do it.
_WITH_US = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()

Part: TypeAlias = "subprocess.Popen[bytes]"


class _Process(NamedTuple):
    """A process; its number alone may be given to another one later."""

    pid: int
    started: str


@contextlib.contextmanager
def running(
    command: Sequence[str], *, environment: dict[str, str], folder: Path, log: Path | None = None
) -> Iterator[Part]:
    """A program in the background; gone, with all that it started, on the way out.

    Args:
        command: the program and its arguments.
        environment: all of it.
        folder: where it works.
        log: takes what it writes; without one, that goes where ours goes.
    """
    with _private(log) if log else contextlib.nullcontext() as output:
        part = subprocess.Popen(  # noqa: S603
            [*_WITH_US, *command],
            env=environment,
            cwd=folder,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            # Ctrl-C is for us alone: we end the parts one after the other.
            start_new_session=True,
        )
    try:
        yield part
    finally:
        _end(part)


@contextlib.contextmanager
def _private(log: Path) -> Iterator[int]:
    descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _end(part: Part) -> None:
    """Ends a part and its descendants: a run of a flow is a session of its own, a signal to the group misses it.

    A night that is ended in its middle is safe: the next one goes on where it stopped.
    """
    # Whoever presses Ctrl-C twice would leave parts behind.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    started = _descendants(part.pid)
    part.terminate()
    _send(started, signal.SIGTERM)
    end = time.monotonic() + GRACE
    while time.monotonic() < end and (part.poll() is None or started & _table().keys()):
        time.sleep(0.1)
    _send((started | _descendants(part.pid)) & _table().keys(), signal.SIGKILL)
    part.kill()
    part.wait()


def _send(processes: set[_Process], number: signal.Signals) -> None:
    for process in processes:
        with contextlib.suppress(ProcessLookupError):
            os.kill(process.pid, number)


def _descendants(pid: int) -> set[_Process]:
    table = _table()
    found: set[_Process] = set()
    while (
        more := {process for process, parent in table.items() if parent in {pid, *(one.pid for one in found)}} - found
    ):
        found |= more
    return found


def _table() -> dict[_Process, int]:
    """All processes that live, each with the number of its parent; see proc(5)."""
    table = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        # One may end while we look.
        with contextlib.suppress(OSError):
            # The name in brackets may hold anything.
            number, _, rest = stat.read_text(encoding="utf-8", errors="replace").partition(" ")
            state, parent, *fields = rest.rpartition(")")[2].split()
            if state not in "ZX":
                table[_Process(int(number), fields[17])] = int(parent)
    return table
