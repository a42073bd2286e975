"""Where settings come from, which one wins, and what a user reads when one is wrong."""

from pathlib import Path

import pytest

from switchroom.drivers.settings_load import SettingsError, load_settings, masked


@pytest.fixture(autouse=True)
def _clean(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("SWITCHROOM_CONFIG", raising=False)


def test_command_line_wins_over_environment_over_file_over_default(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    Path("switchroom.toml").write_text(
        'drain_s = 1\nlimit_calls = 11\n\nlog_level = "error"\nsip_listen = ["127.0.0.1:5070"]\n'
    )
    monkeypatch.setenv("SWITCHROOM_DRAIN_S", "2")
    monkeypatch.setenv("SWITCHROOM_LIMIT_CALLS", "12")
    loaded = load_settings(given={"drain_s": 3, "http_listen": None})
    now = loaded.settings
    assert (now.drain_s, now.limit_calls, now.log_level) == (3, 12, "error")
    assert now.sip_listen == ("127.0.0.1:5070",)
    origins = loaded.origins
    assert origins["drain_s"] == "command line"
    assert origins["limit_calls"] == "SWITCHROOM_LIMIT_CALLS"
    assert origins["log_level"] == "switchroom.toml:4"
    assert origins["http_listen"] == "default"


def test_lists_in_the_environment_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_SIP_LISTEN", "0.0.0.0:5060, 127.0.0.1:5080")
    monkeypatch.setenv("switchroom_digest_algorithms", "SHA-256,MD5")
    loaded = load_settings()
    assert loaded.settings.sip_listen == ("0.0.0.0:5060", "127.0.0.1:5080")
    assert loaded.settings.digest_algorithms == ("SHA-256", "MD5")
    assert loaded.origins["digest_algorithms"] == "switchroom_digest_algorithms"


def test_an_empty_variable_counts_as_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_DRAIN_S", "")
    loaded = load_settings()
    assert (loaded.settings.drain_s, loaded.origins["drain_s"]) == (30, "default")


def test_a_named_file_is_read_instead_of_the_usual_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("switchroom.toml").write_text("drain_s = 1\n")
    Path("other.toml").write_text("drain_s = 2\n")
    assert load_settings(Path("other.toml")).settings.drain_s == 2
    monkeypatch.setenv("SWITCHROOM_CONFIG", "other.toml")
    assert load_settings().settings.drain_s == 2
    with pytest.raises(SettingsError, match="there is no such"):
        load_settings(Path("missing.toml"))


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("drain_s = 'soon'", "switchroom.toml:1: drain_s = soon: Input should be a valid number"),
        ("\n\nlimit_calls = 0", "switchroom.toml:3: limit_calls = 0: Input should be greater than"),
        ("sip_listen = ['host:1']", "sip_listen = host:1: 'host:1' is not HOST:PORT"),
        ("\ndrian_s = 3", "switchroom.toml:2: there is no setting drian_s; did you mean drain_s?"),
        ("[zebra]\nx = 1", "switchroom.toml:1: there is no setting zebra"),
        ("drain_s = = 1", "switchroom.toml: Invalid value (at line 1, column 11)"),
        ("registration_least_s = 300\nregistration_most_s = 200", "is larger than"),
    ],
)
def test_a_fault_names_its_place_and_what_is_allowed(text: str, line: str) -> None:
    Path("switchroom.toml").write_text(text)
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert line in str(caught.value)
    assert str(caught.value).count("\n") == 0


def test_all_faults_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("switchroom.toml").write_text("drain_s = -1\n")
    monkeypatch.setenv("SWITCHROOM_LIMIT_CALLS", "many")
    with pytest.raises(SettingsError) as caught:
        load_settings()
    assert str(caught.value).count("\n") == 1


def test_a_file_that_is_no_text_is_refused() -> None:
    Path("switchroom.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load_settings()


def test_unknown_variables_are_named_but_not_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SWITCHROOM_SERVICE_PORT", "tcp://10.0.0.1")
    assert "SWITCHROOM_SERVICE_PORT" in load_settings().unknown_variables


def test_the_password_of_the_database_is_never_shown() -> None:
    assert masked("database_url", "postgresql://me:secret@db/x") == "postgresql://me:***@db/x"
    assert "secret" not in masked("database_url", "postgresql//secret")
    assert masked("limit_calls", 5000) == "5000"


def test_a_place_that_cannot_be_looked_at_is_said_in_one_line() -> None:
    with pytest.raises(SettingsError, match="cannot be read: File name too long"):
        load_settings(Path("x" * 5000))
