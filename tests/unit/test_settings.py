"""Settings: what does not fit stops the program and is named."""

from pathlib import Path

import pytest

from api.settings import Settings, SettingsError, load


def test_without_any_variable_the_defaults_hold() -> None:
    assert load({}) == Settings()


def test_an_empty_environment_is_an_embedded_installation_on_this_machine() -> None:
    settings = load({})
    assert settings.is_embedded
    assert settings.host == "127.0.0.1"
    assert settings.trusted_proxies == ()


def test_variables_are_read_by_name() -> None:
    settings = load(
        {
            "MULTIPASS_DATABASE_URL": "postgresql://multipass@db/city",
            "MULTIPASS_WORKERS": "4",
            "MULTIPASS_PORT": "80",
            "MULTIPASS_LOG_FORMAT": "text",
            "PATH": "/usr/bin",
        }
    )
    assert (settings.database_url, settings.workers, settings.port) == ("postgresql://multipass@db/city", 4, 80)
    assert settings.log_format == "text"
    assert not settings.is_embedded


@pytest.mark.parametrize(
    ("text", "proxies"),
    [
        ("", ()),
        ("10.0.0.1", ("10.0.0.1",)),
        (" 10.0.0.1 , ::1 ,", ("10.0.0.1", "::1")),
    ],
)
def test_proxies_are_separated_by_commas(text: str, proxies: tuple[str, ...]) -> None:
    assert load({"MULTIPASS_TRUSTED_PROXIES": text}).trusted_proxies == proxies


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("port", "http"),
        ("port", "0"),
        ("port", "65536"),
        ("port", ""),
        ("workers", "0"),
        ("workers", "-1"),
        ("workers", "2"),
        ("workers", "1.5"),
        ("database_url", ""),
        ("database_url", "mysql://db/city"),
        ("database_url", "postgres://db/city"),
        ("database_url", "sqlite:///"),
        ("log_level", "loud"),
        ("log_level", "INFO"),
        ("log_format", "xml"),
        ("terminal_token_seconds", "0"),
        ("terminal_token_seconds", "-900"),
        ("agent_token_seconds", "0"),
        ("agent_token_seconds", "forever"),
        ("waiting_scans", "0"),
        ("journal_days", "182"),
        ("journal_days", "366"),
        ("answer_seconds", "0"),
        ("answer_seconds", "61"),
        ("trusted_proxies", "proxy.example"),
        ("trusted_proxies", "10.0.0.0/8"),
        ("trusted_proxies", "10.0.0.1;10.0.0.2"),
        ("redis_url", "http://127.0.0.1"),
        ("keys_folder", ""),
        ("smtp_url", "https://mail.example"),
        ("smtp_url", "smtp://mail.example"),
        ("mail_folder", "letters"),
    ],
)
def test_a_value_that_does_not_fit_is_refused_by_name(name: str, value: str) -> None:
    with pytest.raises(SettingsError) as refused:
        load({f"MULTIPASS_{name.upper()}": value})
    assert name in refused.value.detail


def test_more_than_one_worker_needs_postgresql() -> None:
    assert load({"MULTIPASS_WORKERS": "8", "MULTIPASS_DATABASE_URL": "postgresql://db/city"}).workers == 8


def test_a_file_gives_values_and_the_environment_wins(tmp_path: Path) -> None:
    config = tmp_path / "multipass.toml"
    config.write_text('port = 9000\nhost = "0.0.0.0"\ntrusted_proxies = ["10.0.0.1"]\n')
    settings = load({"MULTIPASS_CONFIG": str(config), "MULTIPASS_PORT": "9001"})
    assert (settings.port, settings.host, settings.trusted_proxies) == (9001, "0.0.0.0", ("10.0.0.1",))  # noqa: S104


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("colour = 1", "colour"),
        ("port = [1]", "port"),
        ("port =", "MULTIPASS_CONFIG"),
        ("\x00", "MULTIPASS_CONFIG"),
    ],
)
def test_a_file_that_does_not_fit_stops_the_program(tmp_path: Path, text: str, named: str) -> None:
    config = tmp_path / "multipass.toml"
    config.write_text(text)
    with pytest.raises(SettingsError) as refused:
        load({"MULTIPASS_CONFIG": str(config)})
    assert named in refused.value.detail


@pytest.mark.parametrize("name", ["missing.toml", "."])
def test_a_file_that_cannot_be_read_stops_the_program(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError, match="MULTIPASS_CONFIG"):
        load({"MULTIPASS_CONFIG": str(tmp_path / name)})


def test_a_file_that_is_not_utf_8_stops_the_program(tmp_path: Path) -> None:
    config = tmp_path / "multipass.toml"
    config.write_bytes(b'host = "\xff"')
    with pytest.raises(SettingsError, match="MULTIPASS_CONFIG"):
        load({"MULTIPASS_CONFIG": str(config)})


def test_a_refusal_does_not_repeat_a_secret() -> None:
    canary = "canary-3f1c"
    with pytest.raises(SettingsError) as refused:
        load({"MULTIPASS_DATABASE_URL": f"mysql://user:{canary}@db/city", "MULTIPASS_KEY_PASSWORD": canary})
    assert canary not in str(refused.value)
