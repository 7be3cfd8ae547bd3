# ruff: noqa: T201  its answers go to standard output
"""Starts nights one after the other, each in a process of its own, without importing everything each time.

Run as a program in the environment of a home. For each path that it reads from standard input it forks a process
that runs `dancu nightly --date DATE` at the head of a new process group and writes what it says to that path; it
prints the number of the process, and when that has ended its exit code.
"""

import atexit
import os
import sys

from config.environment import prepare
from config.settings import Settings
from dancu.cli import main


def run_night(log: str, date: str) -> None:
    os.setsid()
    out = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(out, 1)
    os.dup2(out, 2)
    try:
        main(["nightly", "--date", date])
    except SystemExit as end:
        # Ends as Python would, short of the libraries' own threads: those stayed behind when this process was forked.
        atexit._run_exitfuncs()
        sys.stdout.flush()
        os._exit(int(end.code or 0))


def serve(date: str) -> None:
    prepare(Settings())
    import flows.nightly  # noqa: F401, PLC0415 - reads the environment that was just prepared

    for line in sys.stdin:
        pid = os.fork()
        if not pid:
            run_night(line.strip(), date)
        print(pid, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), flush=True)


if __name__ == "__main__":
    serve(sys.argv[1])
