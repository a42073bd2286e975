"""What may be set, and what not."""

from typing import Any

import pytest
from pydantic import ValidationError

from switchroom.drivers.settings import Settings, host_and_port


def test_every_setting_says_what_it_means() -> None:
    assert [name for name, field in Settings.model_fields.items() if not field.description] == []


def test_http_is_for_this_machine_unless_told_otherwise() -> None:
    assert Settings().http_listen == "127.0.0.1:8080"


def test_the_database_is_in_the_data_directory_unless_named() -> None:
    assert Settings().database() == "sqlite:///data/switchroom.db"
    url = "postgresql://db/switchroom"
    assert Settings(database_url=url).database() == url


@pytest.mark.parametrize(
    "text", ["", "5060", "host:5060", "1.2.3.4", "1.2.3.4:", "1.2.3.4:65536", "1.2.3.4:-1", "::1:5"]
)
def test_a_listening_address_is_numeric_with_a_port(text: str) -> None:
    with pytest.raises(ValueError, match=r"HOST:PORT|port from 0"):
        host_and_port(text)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("digest_algorithms", "MD5,MD5"),
        ("digest_algorithms", ""),
        ("digest_algorithms", "SHA-512"),
        ("sip_listen", ""),
        ("trusted_networks", "10.0.0.1/8"),
        ("advertised_address", "example.com"),
        ("user_agent", "a\r\nInjected: header"),
        ("limit_calls", 0),
        ("drain_s", -1),
    ],
)
def test_a_wrong_value_is_refused(name: str, value: object) -> None:
    given: dict[str, Any] = {name: value}
    with pytest.raises(ValidationError, match=name):
        Settings(**given)
