"""`make demo`: sample registers and dossiers through a night, a production centre, and back to delivered cards."""

import datetime as dt
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from openpyxl import load_workbook

from config.settings import Settings
from tasks.platform import platform

FORMS, DOSSIERS = 40_000, 0.1
DANCU = str(Path(sys.executable).with_name("dancu"))


def main() -> int:
    """Makes registers, lands them, runs the night, lets the centre work, and proves the end; the first exit code."""
    demo = Settings().root / "demo"
    samples, centre = str(demo / "samples"), ["centre", "--home", str(demo / "centre"), "--deliver", "1"]
    made = ["--forms", str(FORMS), "--dossiers", str(DOSSIERS), "--seed", "1"]
    steps: list[list[str] | Callable[[], None]] = [
        lambda: _meet(demo),
        # The first night: registers become persons, dossiers are handed off, and the centre answers.
        ["generate", "--out", samples, *made],
        ["put", samples],
        ["nightly"],
        [*centre, "--reject", "0.05", "--qc-fail", "0.02"],
        ["cards", "run"],
        # Stations correct what was rejected; the centre makes again what its own quality control stopped.
        lambda: _correct(demo),
        ["put", str(demo / "corrected")],
        ["nightly"],
        centre,
        ["cards", "run"],
        ["status"],
        ["verify"],
    ]
    for step in steps:
        if callable(step):
            step()
        elif code := _dancu(step):
            return code
    objects = Settings().objects_url or str(Settings().root / "objects")
    print(
        f"\nIn {objects}:\n"
        "  outbox/cards/      batches for the production centre, sealed and signed\n"
        "  returns/           for each commune its failed rows, marked, and its rejected dossiers, with the reason\n"
        "  reports/           the quality report of the night\n"
        "\nNext: `make serve` brings up the Prefect UI; `.venv/bin/dancu cards owed` shows who owes whom what."
    )
    return 0


def _meet(demo: Path) -> None:
    """Register, escrow and centre make their keys, and are told each other's public ones; once."""
    keys = Settings().key_folder
    if (keys / "keys.json").exists():
        return
    _dancu(["keys", "make"])
    own = [str(path) for path in (keys / "public").glob("*.json")]
    _dancu(["keys", "make", "--purpose", "escrow", "--out", str(demo / "escrow")])
    _dancu(["centre", "--home", str(demo / "centre"), *(word for path in own for word in ("--trust", path))])
    _dancu(["keys", "import", *sorted(str(path) for path in (demo / "centre").rglob("public/*.json"))])


def _correct(demo: Path) -> None:
    """Stations capture again what they were told that the centre rejected: the same dossier, an hour later."""
    place = platform()
    for info in place.objects.list("returns"):
        if not info.key.endswith("-cards.xlsx"):
            continue
        station = info.key.split("/")[1]
        _, _, *rows = load_workbook(io.BytesIO(place.objects.read_bytes(info.key))).active.iter_rows(values_only=True)
        rejected = {row[0] for row in rows}
        sent = (
            json.loads(line) for path in (demo / "samples/dossiers" / station).glob("*.jsonl") for line in path.open()
        )
        lines = [{**row, "captured_at": _later(row["captured_at"])} for row in sent if row["dossier_no"] in rejected]
        to = demo / "corrected/dossiers" / station / "corrected.jsonl"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _later(captured_at: str) -> str:
    return (dt.datetime.fromisoformat(captured_at) + dt.timedelta(hours=1)).isoformat()


def _dancu(step: list[str]) -> int:
    print(f"\n$ dancu {' '.join(step)}", flush=True)
    return subprocess.run([DANCU, *step], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
