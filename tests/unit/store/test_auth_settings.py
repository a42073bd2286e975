"""What a customer asks of log-ins is kept as it was said."""

from sqlalchemy import Engine

from fakes.people import People
from switchroom.identity.model import AuthSettings
from switchroom.store.auth_settings import read_settings, write_settings
from switchroom.store.database import writing


def test_settings_come_back_and_later_ones_replace_them(engine: Engine) -> None:
    People(engine).customer()
    last = AuthSettings(require_mfa=True, password_least=14, networks=("192.0.2.0/24",))

    with writing(engine) as connection:
        assert read_settings(connection, "acme") == AuthSettings()
        write_settings(connection, "acme", AuthSettings(session_idle_s=60.0))
        write_settings(connection, "acme", last)

        assert read_settings(connection, "acme") == last
