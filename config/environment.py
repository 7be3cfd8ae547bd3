"""What the libraries below read from the environment, set before they are imported."""

import os

from config.settings import Settings


def prepare(settings: Settings) -> None:
    """Points Prefect at `home`, and keeps it and Great Expectations from sending anything anywhere.

    What the caller has set already stays as it is, above all PREFECT_API_URL for a server of one's own.
    """
    home = settings.root / "prefect"
    home.mkdir(parents=True, exist_ok=True, mode=0o700)
    for name, value in {
        "PREFECT_HOME": str(home),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_CLI_PROMPT": "false",
        "DO_NOT_TRACK": "1",
        "GX_ANALYTICS_ENABLED": "false",
    }.items():
        os.environ.setdefault(name, value)
