"""One command, measured as the operating system sees it."""

import json
import os
import subprocess
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Measured:
    """A finished command: wall seconds, peak memory of its largest process in MB, its last line of output."""

    seconds: float
    peak_mb: float
    output: dict[str, Any]


def measure(command: Sequence[str], environment: Mapping[str, str]) -> Measured:
    """Runs a command whose last line of standard output is one JSON object.

    Raises:
        SystemExit: the command failed; what it wrote is on standard error.
    """
    start = time.monotonic()
    with subprocess.Popen(command, env=dict(environment), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        output = process.stdout.read()
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
    seconds = time.monotonic() - start
    if process.returncode:
        raise SystemExit(f"{' '.join(command[:4])} … ended with {process.returncode}")
    lines = output.strip().splitlines()
    return Measured(seconds, usage.ru_maxrss / 1024, json.loads(lines[-1]) if lines else {})


def show(figures: Mapping[str, Any], *, as_json: bool) -> None:
    """Prints what was measured: as one JSON object, the last line, or as a line a figure."""
    if as_json:
        print(json.dumps(figures))
    else:
        print(*(f"{name}: {value}" for name, value in figures.items()), sep="\n")
