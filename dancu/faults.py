"""How a command ends: its exit code, and the one sentence that says what happened and who acts."""

import datetime as dt
import json
import os
import sys
import traceback
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import click

from registry.errors import DancuError, LoadsHeld, PlatformError, UsageError

#: Ctrl-C, as shells count it.
INTERRUPTED = 130


def run(command: Callable[[], object], *, as_json: bool) -> int:
    """Runs a command; whatever it raises becomes an exit code and a sentence on standard error.

    Args:
        command: does the work; an `int` that it returns is its exit code.
        as_json: also leaves a fault as a JSON object on the last line of standard output.

    Returns:
        0 done, 1 an invariant or a gate failed, 2 wrong use or input, 3 the platform failed, 130 Ctrl-C.
    """
    try:
        code = command()
    except click.exceptions.Exit as end:
        return end.exit_code
    except (click.Abort, KeyboardInterrupt):
        return INTERRUPTED
    except click.ClickException as error:
        error.show()
        return _fault(UsageError.exit_code, error.format_message(), as_json=as_json)
    except DancuError as error:
        click.echo(f"dancu: {error}", err=True)
        done = error.summary if isinstance(error, LoadsHeld) else {}
        return _fault(error.exit_code, str(error), as_json=as_json, done=done)
    except Exception as error:  # noqa: BLE001 - whatever it is, its text may quote a person's data
        setting = _wrong_setting(error)
        sentence = setting or _unexpected(error)
        click.echo(f"dancu: {sentence}", err=True)
        return _fault(UsageError.exit_code if setting else PlatformError.exit_code, sentence, as_json=as_json)
    return code if isinstance(code, int) else 0


def _fault(code: int, sentence: str, *, as_json: bool, done: Mapping[str, Any] | None = None) -> int:
    """Tells the fault, after what was done all the same."""
    if as_json:
        sys.stdout.flush()
        print(json.dumps({**(done or {}), "error": sentence, "exit_code": code}, ensure_ascii=False))
    return code


def _wrong_setting(error: Exception) -> str | None:
    """The settings that cannot be understood, without their values; they may be secret."""
    from pydantic import ValidationError  # noqa: PLC0415 - only a fault needs it

    if not isinstance(error, ValidationError) or error.title != "Settings":
        return None
    names = sorted({f"DANCU_{part}".upper() for fault in error.errors() for part in fault["loc"][:1]})
    return f"{', '.join(names)} cannot be understood; the operator mends the environment or .env"


def _unexpected(error: Exception) -> str:
    """The type of an exception that nobody foresaw; its way through the code goes to the log, never its text."""
    log = _write_log(error)
    more = f"; its place in the program is in {log}" if log else ""
    return f"{type(error).__name__}, which nobody foresaw{more}; the operator must act"


def _write_log(error: Exception) -> Path | None:
    from config.settings import Settings  # noqa: PLC0415 - half of the start time of `dancu --help`

    try:
        folder = Settings().root / "logs"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        log = folder / "dancu.log"
        with os.fdopen(os.open(log, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600), "a", encoding="utf-8") as file:
            file.write(_way(error))
    except (OSError, ValueError):
        return None
    return log


def _way(error: BaseException) -> str:
    lines = [f"{dt.datetime.now(dt.UTC):%Y-%m-%dT%H:%M:%SZ} {type(error).__name__}"]
    lines += [
        f"    {frame.filename}:{frame.lineno} {frame.name}" for frame in traceback.extract_tb(error.__traceback__)
    ]
    earlier = error.__cause__ or error.__context__
    return "\n".join(lines) + "\n" + (f"after {_way(earlier)}" if earlier else "")
