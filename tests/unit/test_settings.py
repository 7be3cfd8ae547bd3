from pathlib import Path

from config.settings import Settings


def test_secrets_are_passed_on_as_they_are_and_shown_to_nobody() -> None:
    secrets = {"database_url": "postgresql://made-up", "allocation_key": "a made-up key", "signing_key": "another"}
    settings = Settings.model_validate(secrets)
    environment = settings.as_environment()
    assert {name: environment[f"DANCU_{name.upper()}"] for name in secrets} == secrets
    assert not any(secret in repr(settings) for secret in secrets.values())


def test_numbers_are_given_only_where_a_key_is_set() -> None:
    assert Settings().allocation_key is None
    assert "DANCU_ALLOCATION_KEY" not in Settings().as_environment()


def test_the_folder_of_keys_is_passed_on_whatever_the_working_folder() -> None:
    settings = Settings.model_validate({"home": "here"})
    assert settings.key_folder == settings.root / "keys"
    elsewhere = Settings.model_validate({"home": "here", "keys": "there"})
    assert Path(elsewhere.as_environment()["DANCU_KEYS"]) == Path.cwd() / "there"
