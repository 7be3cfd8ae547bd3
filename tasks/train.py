"""Train: a new version of the linkage model from registers, on purpose and never on the way of a night."""

import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from registry.errors import UsageError
from registry.fold import connect
from registry.linkage.evidence import create_evidence, create_places
from registry.linkage.model import LinkageModel
from registry.linkage.training import Seen, train
from registry.reference import Reference
from tasks.platform import CONFIG, today
from tasks.read import FileToRead, read_load
from tasks.standardise import FileStamp, standardise_load

_MEMORY = "8GB"


@dataclass(frozen=True)
class Trained:
    """A model that was written: its version, and what it was trained on."""

    version: str
    files: int
    seen: Seen


def train_model(registers: Path, *, out: Path) -> Trained:
    """Trains the present model on the registers under a folder and writes the next version to `out`.

    Args:
        registers: register files in folders by sender, as `dancu generate` writes and `dancu put` takes them.
        out: a folder that becomes what `config/linkage` is, once somebody has measured it and puts it there.

    Raises:
        UsageError: there are no registers, `out` holds a model, or there are too few pairs of one person.
    """
    files = sorted(path for path in registers.rglob("*") if path.is_file() and path.parent.parent.name == "registers")
    if not files:
        raise UsageError(f"{registers} has no registers/<sender>/<file>.")
    if (out / "model.json").exists():
        raise UsageError(f"{out} holds a model already; name another folder.")
    present = LinkageModel.load(CONFIG / "linkage")
    with tempfile.TemporaryDirectory() as scratch:
        trained, seen = _train_on(files, present, scratch=Path(scratch))
    version = str(int(present.version) + 1)
    counts = {
        "files": len(files),
        "forms": seen.forms,
        "pairs": seen.pairs,
        "matches": seen.matches,
        "from_version": present.version,
    }
    replace(trained, version=version, day=today().isoformat(), trained_on=counts).save(out)
    return Trained(version, len(files), seen)


def _train_on(files: Sequence[Path], model: LinkageModel, *, scratch: Path) -> tuple[LinkageModel, Seen]:
    reference = Reference.load(CONFIG)
    read_load([FileToRead(place, path, path.name, None) for place, path in enumerate(files)], scratch)
    stamps = [FileStamp(place, path.parent.name, today()) for place, path in enumerate(files)]
    standardise_load(scratch, files=stamps, reference=reference)
    connection = connect(memory=_MEMORY, spill=str(scratch))
    create_places(connection, reference.gazetteer)
    forms = (
        f"(FROM read_parquet('{scratch / 'standard.parquet'}') WHERE full_name IS NOT NULL"
        " QUALIFY row_number() OVER (PARTITION BY form_id ORDER BY file_no, row_no) = 1)"
    )
    create_evidence(connection, forms=forms, model=model)
    return train(connection, model)
