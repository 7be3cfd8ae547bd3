"""`make demo`: sample registers and dossiers through a night, a production centre, and back to delivered cards."""

import datetime as dt
import io
import json
import subprocess
import sys
from pathlib import Path

from openpyxl import load_workbook

from config.settings import Settings
from registry.objects import open_objects

FORMS, DOSSIERS = 40_000, 0.1
#: The sheet that names what a station must correct, see `tasks/return_cards.py`.
RETURNED = "Trả lại - Returned"
DANCU = str(Path(sys.executable).with_name("dancu"))


def main() -> int:
    """Makes registers, lands them, runs the night, lets the centre work, and proves the end; the first exit code."""
    demo = Settings().root / "demo"
    samples, centre = str(demo / "samples"), ["centre", "--home", str(demo / "centre"), "--deliver", "1"]
    made = ["--forms", str(FORMS), "--dossiers", str(DOSSIERS), "--seed", "1"]
    steps = [
        # The first night: registers become persons, dossiers are handed off, and the centre answers.
        ["generate", "--out", samples, *made],
        ["put", samples],
        ["nightly"],
        [*centre, "--reject", "0.05", "--qc-fail", "0.02"],
        ["cards", "run"],
    ]
    again = [
        # Stations correct what was rejected; the centre makes again what its own quality control stopped.
        ["put", str(demo / "corrected")],
        ["nightly"],
        centre,
        ["cards", "run"],
        ["status"],
        ["verify"],
    ]
    _meet(demo)
    code = _run(steps)
    _correct(demo)
    code = code or _run(again)
    if code:
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
    settings = Settings()
    objects = open_objects(settings.objects_url, home=settings.root, endpoint_url=settings.s3_endpoint_url)
    for info in objects.list("returns"):
        if not info.key.endswith("-cards.xlsx"):
            continue
        station = info.key.split("/")[1]
        book = load_workbook(io.BytesIO(objects.read_bytes(info.key)))
        if RETURNED not in book.sheetnames:
            continue
        rejected = {row[0] for row in book[RETURNED].iter_rows(min_row=3, values_only=True)}
        files = sorted((demo / "samples/dossiers" / station).glob("*.jsonl"))
        sent = [json.loads(line) for file in files for line in file.read_text(encoding="utf-8").splitlines()]
        lines = [{**row, "captured_at": _later(row["captured_at"])} for row in sent if row["dossier_no"] in rejected]
        to = demo / "corrected/dossiers" / station / "corrected.jsonl"
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), encoding="utf-8")


def _later(captured_at: str) -> str:
    return (dt.datetime.fromisoformat(captured_at) + dt.timedelta(hours=1)).isoformat()


def _run(steps: list[list[str]]) -> int:
    """Runs commands until one does not end with 0."""
    return next((code for step in steps if (code := _dancu(step))), 0)


def _dancu(step: list[str]) -> int:
    print(f"\n$ dancu {' '.join(step)}", flush=True)
    return subprocess.run([DANCU, *step], check=False).returncode  # noqa: S603


if __name__ == "__main__":
    sys.exit(main())
