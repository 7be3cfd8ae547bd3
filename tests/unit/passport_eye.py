"""PassportEye's reader of machine-readable zones, without the readers of pictures that the rest of it needs."""

import importlib.util
from importlib.metadata import distribution
from typing import Any


def load() -> Any:
    """The module `passporteye.mrz.text`: `MRZ(lines)` has the fields, and what is valid."""
    path = distribution("PassportEye").locate_file("passporteye/mrz/text.py")
    spec = importlib.util.spec_from_file_location("passporteye_mrz_text", str(path))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module
