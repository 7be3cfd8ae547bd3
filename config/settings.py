"""The only reader of the environment: below this, values are passed."""

from functools import cached_property
from pathlib import Path

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Where dancu keeps things; every value comes from `DANCU_*` or `.env`.

    Attributes:
        home: folder for everything local: embedded PostgreSQL, objects, scratch, logs, Prefect.
        database_url: a PostgreSQL server of one's own; unset means the embedded one under `home`.
        objects_url: `s3://bucket/prefix`; unset means the folder `home/objects`.
        s3_endpoint_url: the S3 server, when it is not AWS.
        prefect_port: port of the Prefect server that `dancu serve` brings up, on loopback.
        report_port: port of the report site beside it.
        allocation_key: secret of the order in which personal numbers are given; unset means that none are.
        keys: folder of the keys with which batches are sealed and signed; unset means `home/keys`.
        signing_key: private half of the register's signing key (PEM), where it is to lie in no file.
    """

    model_config = SettingsConfigDict(env_prefix="DANCU_", env_file=".env", extra="ignore", frozen=True)

    home: Path = Path("var")
    database_url: SecretStr | None = None
    objects_url: str | None = None
    s3_endpoint_url: str | None = None
    prefect_port: int = 4200
    report_port: int = 4280
    allocation_key: SecretStr | None = None
    keys: Path | None = None
    signing_key: SecretStr | None = None

    @cached_property
    def root(self) -> Path:
        """`home` as an absolute path."""
        return self.home.expanduser().resolve()

    def as_environment(self) -> dict[str, str]:
        """The same settings for programs that are started from here, whatever their working folder."""
        given = {**self.model_dump(exclude_none=True), "home": self.root, "keys": self.key_folder}
        return {
            f"DANCU_{name.upper()}": value.get_secret_value() if isinstance(value, SecretStr) else str(value)
            for name, value in given.items()
        }

    @property
    def scratch(self) -> Path:
        """Folder of the frames that a load carries from step to step; may be deleted between nights."""
        return self.root / "scratch"

    @cached_property
    def key_folder(self) -> Path:
        """Folder of the keys as an absolute path."""
        return self.keys.expanduser().resolve() if self.keys else self.root / "keys"

    @property
    def report_site(self) -> str:
        """Address of the report site."""
        return f"http://127.0.0.1:{self.report_port}"
