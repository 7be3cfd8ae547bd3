"""A model is trained on registers and keeps within its bounds."""

from datetime import date
from pathlib import Path

import pytest

from registry.errors import UsageError
from registry.linkage.model import LinkageModel, weight_of
from samples.generate import generate
from tasks.platform import CONFIG
from tasks.train import train_model


@pytest.fixture(scope="module")
def registers(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("registers")
    generate(folder, forms=20_000, province="75", seed=3, clean_share=0.7, date=date(2021, 6, 30))
    return folder


def test_training_writes_the_next_version_within_the_bounds_of_the_present(
    registers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("registry.linkage.training.SAMPLED_PAIRS", 1e5)
    monkeypatch.setattr("registry.linkage.training.FEWEST_PAIRS", 100)
    made = train_model(registers, out=tmp_path / "model")
    trained = LinkageModel.load(tmp_path / "model")
    assert trained.version == made.version
    assert trained.trained_on["forms"] == made.seen.forms > 19_000
    assert all(isinstance(count, int | str) for count in trained.trained_on.values())
    present = LinkageModel.load(CONFIG / "linkage")
    assert trained.bounds == present.bounds
    assert {name: weight_of(level) for name, level in trained.levels()} != {
        name: weight_of(level) for name, level in present.levels()
    }
    with pytest.raises(UsageError, match="holds a model already"):
        train_model(registers, out=tmp_path / "model")


def test_too_few_pairs_teach_nothing(registers: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("registry.linkage.training.FEWEST_PAIRS", 10**9)
    with pytest.raises(UsageError, match="are needed to learn from"):
        train_model(registers, out=tmp_path / "model")


def test_a_folder_without_registers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="has no registers"):
        train_model(tmp_path, out=tmp_path / "model")
