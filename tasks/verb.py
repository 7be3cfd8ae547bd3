"""How a verb becomes a Prefect task: never cached, nothing persisted, and no person in what it raises."""

import functools
import json
import time
import traceback
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

from prefect import Task, task
from prefect.cache_policies import NO_CACHE

from registry.errors import DancuError, PlatformError

#: Seconds spent in each verb since the night began; threads share it, a verb runs in one of them at a time.
SECONDS: defaultdict[str, float] = defaultdict(float)

P = ParamSpec("P")
R = TypeVar("R")


def verb(work: Callable[P, R]) -> Task[P, R]:
    """A task that runs `work`; its runs are called by it and by the load or the night they are about.

    An exception of a library may quote a cell, and Prefect logs what it catches: so anything but our own errors
    is raised again with its type and place alone.
    """

    @functools.wraps(work)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
        start = time.monotonic()
        try:
            return work(*args, **kwargs)
        except DancuError:
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its text must not reach a log
            raise PlatformError(describe(error, work.__name__)) from None
        finally:
            SECONDS[work.__name__] += time.monotonic() - start

    def run_name(parameters: dict[str, Any]) -> str:
        about = parameters.get("load_id", "")[:8] or parameters.get("date")
        return f"{work.__name__}-{about}" if about else work.__name__

    return task(task_run_name=run_name, cache_policy=NO_CACHE, persist_result=False)(guarded)  # type: ignore[arg-type]


def describe(error: BaseException, step: str) -> str:
    """What failed and where, without the exception's text."""
    frames = traceback.extract_tb(error.__traceback__)
    path = " > ".join(f"{Path(frame.filename).name}:{frame.lineno} {frame.name}" for frame in frames[-4:])
    state = getattr(getattr(error, "orig", error), "sqlstate", None)
    kind = type(error).__name__ + (f" (SQLSTATE {state})" if state else "")
    return f"{step} failed with {kind} at {path}; the operator must act, see docs/runbook.md"


def note_seconds(folder: Path, stage: str, start: float) -> None:
    """Adds the duration of a stage, begun at `time.monotonic()` = `start`, to the load's `seconds.json`."""
    path = folder / "seconds.json"
    seconds = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    path.write_text(json.dumps({**seconds, stage: round(time.monotonic() - start, 3)}), encoding="utf-8")
