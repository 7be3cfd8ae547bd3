"""Which room may know which: flows → tasks → registry, tasks → expectations; nothing imports upwards."""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

#: Rooms that each room may import, itself included.
MAY_KNOW = {
    "registry": {"registry"},
    "config": {"config"},
    "expectations": {"expectations", "registry"},
    "tasks": {"tasks", "expectations", "registry", "config"},
    "flows": {"flows", "tasks", "expectations", "registry", "config"},
    "samples": {"samples", "registry", "config"},
    "centre": {"centre", "registry"},
}
ROOMS = {*MAY_KNOW, "dancu", "benchmarks", "tests"}
FRAMEWORKS = {"prefect", "great_expectations"}


def imports(path: Path) -> set[str]:
    """Top-level names of the modules that a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", MAY_KNOW)
def test_nothing_imports_upwards(room: str) -> None:
    files = sorted((ROOT / room).rglob("*.py"))
    assert files
    for path in files:
        assert not (imports(path) & ROOMS) - MAY_KNOW[room], path


def test_the_registry_knows_no_framework() -> None:
    for path in (ROOT / "registry").rglob("*.py"):
        assert not imports(path) & FRAMEWORKS, path
