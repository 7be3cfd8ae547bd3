"""Private files that are there whole or not at all."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO


@contextmanager
def whole_file(path: Path, *, half: Path) -> Iterator[BinaryIO]:
    """A file (0600) that is written as `half`, made to last, and renamed: a kill leaves the old one or the new one.

    Raises:
        FileExistsError: `half` is there already.
    """
    try:
        with open(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:  # noqa: PTH123
            yield file
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    except BaseException:
        half.unlink(missing_ok=True)
        raise
