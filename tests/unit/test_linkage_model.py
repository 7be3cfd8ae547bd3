"""A model is checked before anything is weighed by it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.errors import PlatformError
from registry.linkage.model import LinkageModel, weight_of
from tests.unit.compared_forms import model


def broken(folder: Path, change: Callable[[dict[str, Any]], object]) -> Path:
    model().save(folder)
    stated = json.loads((folder / "model.json").read_text(encoding="utf-8"))
    change(stated)
    (folder / "model.json").write_text(json.dumps(stated), encoding="utf-8")
    return folder


def first_level(stated: dict[str, Any]) -> dict[str, Any]:
    level: dict[str, Any] = stated["settings"]["comparisons"][0]["comparison_levels"][1]
    return level


def test_a_model_that_is_saved_is_read_as_it_was(tmp_path: Path) -> None:
    model().save(tmp_path)
    again = LinkageModel.load(tmp_path)
    assert again.settings == model().settings
    assert again.words.equals(model().words)
    assert again.bounds == model().bounds


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda stated: stated.pop("version"), "exactly these parts"),
        (lambda stated: stated.update(colour="red"), "exactly these parts"),
        (lambda stated: stated.update(review_weight=99.0), "review_weight is not below"),
        (lambda stated: stated.update(population=0), "at least 1"),
        (lambda stated: first_level(stated).update(m_probability=1.0), "m and u between 0 and 1"),
        (lambda stated: first_level(stated).update(u_probability=None), "m and u between 0 and 1"),
        (lambda stated: first_level(stated).pop("sql_condition"), "a condition"),
        (lambda stated: first_level(stated).update(u_probability=1e-12), "within its bounds"),
        (lambda stated: stated["bounds"].pop("name"), "within its bounds"),
        (lambda stated: stated["settings"]["comparisons"][0]["comparison_levels"].reverse(), "has to be ELSE"),
    ],
)
def test_what_cannot_be_worked_with_is_refused(
    tmp_path: Path, change: Callable[[dict[str, Any]], object], says: str
) -> None:
    with pytest.raises(PlatformError, match=says):
        LinkageModel.load(broken(tmp_path, change))


def test_a_file_that_is_none_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PlatformError, match="cannot be read"):
        LinkageModel.load(tmp_path)
    model().save(tmp_path)
    (tmp_path / "words.csv").write_text("word\nAN\n", encoding="utf-8")
    with pytest.raises(PlatformError, match="cannot be read"):
        LinkageModel.load(tmp_path)


def test_every_level_of_the_shipped_model_is_within_its_bounds() -> None:
    for name, level in model().levels():
        low, high = model().bounds[name][level["label_for_charts"]]
        assert low - 0.001 <= weight_of(level) <= high + 0.001
