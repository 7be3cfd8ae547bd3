"""`make demo`: sample registers through a whole night, with the commands that one would type."""

import subprocess
import sys
from pathlib import Path

from config.settings import Settings

FORMS = 40_000
DANCU = str(Path(sys.executable).with_name("dancu"))


def main() -> int:
    """Makes registers, lands them, runs the night and shows where its results lie; the exit code of the worst."""
    home = Settings().root
    registers = home / "demo" / "registers"
    steps = [
        ["generate", "--out", str(registers), "--forms", str(FORMS), "--dossiers", "0.3", "--seed", "1"],
        ["put", str(registers)],
        ["nightly"],
        ["status"],
    ]
    for step in steps:
        print(f"\n$ dancu {' '.join(step)}", flush=True)
        code = subprocess.run([DANCU, *step], check=False).returncode  # noqa: S603
        if code:
            return code
    objects = Settings().objects_url or str(home / "objects")
    print(
        f"\nIn {objects}:\n"
        "  outbox/cards/      the card file for the production centre, manifest beside it\n"
        "  returns/           for each commune its failed rows, marked, with the reason\n"
        "  reports/           the quality report of the night\n"
        "\nNext: `.venv/bin/dancu verify` proves the invariants, `make serve` brings up the Prefect UI."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
