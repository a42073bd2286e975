"""The node's settings: every one with its unit, its limits and its default.

A field ``drain_s`` is ``SWITCHROOM_DRAIN_S`` in the environment and ``drain_s`` in the TOML file.
``settings_load.py`` reads them.
"""

from ipaddress import IPv4Address, IPv4Network
from pathlib import Path
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from switchroom.drivers.logs import LogFormat, LogLevel


def _split(value: object) -> object:
    """Environment variables hold lists with commas: ``0.0.0.0:5060,127.0.0.1:5070``."""
    if isinstance(value, str):
        return [word.strip() for word in value.split(",") if word.strip()]
    return value


def host_and_port(text: str) -> tuple[str, int]:
    """Take ``HOST:PORT`` apart; the host is a numeric IPv4 address.

    Raises:
        ValueError: It is something else.
    """
    host, _, port = text.rpartition(":")
    try:
        IPv4Address(host)
    except ValueError:
        raise ValueError(f"{text!r} is not HOST:PORT with a numeric IPv4 address") from None
    if not (port.isascii() and port.isdigit() and int(port) < 65536):
        raise ValueError(f"{text!r} needs a port from 0 (any free one) to 65535")
    return host, int(port)


def _listen(text: str) -> str:
    host, port = host_and_port(text)
    return f"{host}:{port}"


def _network(text: str) -> str:
    return str(IPv4Network(text))


def _advertised(text: str) -> str:
    return str(IPv4Address(text)) if text else ""


def _algorithms(names: tuple[str, ...]) -> tuple[str, ...]:
    if not names or len(set(names)) != len(names):
        raise ValueError("name at least one algorithm and none twice")
    return names


Listen = Annotated[str, AfterValidator(_listen)]
Network = Annotated[str, AfterValidator(_network)]
Listens = Annotated[tuple[Listen, ...], NoDecode, BeforeValidator(_split)]
Networks = Annotated[tuple[Network, ...], NoDecode, BeforeValidator(_split)]
Algorithms = Annotated[
    tuple[Literal["MD5", "SHA-256"], ...],
    NoDecode,
    BeforeValidator(_split),
    AfterValidator(_algorithms),
]
SIP_LISTEN: Listens = ("0.0.0.0:5060",)


class Settings(BaseSettings):
    """How one node runs. What the customers have configured is in the database, not here."""

    model_config = SettingsConfigDict(
        env_prefix="SWITCHROOM_", env_ignore_empty=True, extra="forbid", frozen=True
    )

    data_dir: Path = Field(
        default=Path("data"), description="directory of database, journal and sockets"
    )
    database_url: str = Field(
        default="", description="SQLAlchemy URL; empty: SQLite file in the data directory"
    )
    sip_listen: Listens = Field(
        default=SIP_LISTEN, min_length=1, description="list of HOST:PORT, each for UDP and TCP"
    )
    advertised_address: Annotated[str, AfterValidator(_advertised)] = Field(
        default="", description="IPv4 address that peers see (behind NAT); empty: the local one"
    )
    http_listen: Listen = Field(
        default="127.0.0.1:8080",
        description="HOST:PORT of the API; /metrics, /healthz and /readyz ask for no log-in",
    )
    http_proxies: Networks = Field(
        default=(),
        description="IPv4 networks of proxies before the API, whose X-Forwarded-For is believed",
    )
    log_level: LogLevel = Field(default="info", description="debug, info, warning or error")
    log_format: LogFormat = Field(
        default="auto", description="json, console, or auto: console on a terminal"
    )
    user_agent: str = Field(
        default="Switchroom",
        max_length=64,
        pattern=r"^[A-Za-z0-9 ./_-]*$",
        description="Server and User-Agent header",
    )

    # One challenge only by default: old phones take the first they see and fail on SHA-256, or are
    # confused by more than one. With both, the stronger goes first (RFC 8760 §2.4).
    digest_algorithms: Algorithms = Field(
        default=("MD5",),
        description="list of MD5, SHA-256 in the order offered; several may confuse phones",
    )
    nonce_lifetime_s: float = Field(
        default=300, ge=10, le=86400, description="seconds, 10 to 86400"
    )

    timer_t1_s: float = Field(
        default=0.5, ge=0.1, le=2, description="seconds, 0.1 to 2; RFC 3261 T1"
    )
    timer_t2_s: float = Field(default=4, ge=1, le=16, description="seconds, 1 to 16; RFC 3261 T2")
    timer_t4_s: float = Field(default=5, ge=1, le=16, description="seconds, 1 to 16; RFC 3261 T4")

    limit_calls: int = Field(
        default=5000, ge=1, le=1_000_000, description="calls at once; more get 503"
    )
    limit_registrations: int = Field(
        default=20_000, ge=1, le=1_000_000, description="registered contacts; more get 503"
    )
    limit_transactions: int = Field(
        default=200_000,
        ge=1000,
        le=10_000_000,
        description="SIP transactions at once; more get 503",
    )

    registration_least_s: int = Field(
        default=60, ge=10, le=3600, description="seconds, 10 to 3600; shorter ones get 423"
    )
    registration_most_s: int = Field(
        default=3600, ge=60, le=86400, description="seconds, 60 to 86400; longer ones are lowered"
    )
    registration_default_s: int = Field(
        default=3600, ge=60, le=86400, description="seconds, when the phone names none"
    )
    ping_interval_s: float = Field(
        default=25, ge=0, le=3600, description="seconds between OPTIONS to a UDP phone; 0 for none"
    )

    rate_per_source: float = Field(
        default=50, gt=0, le=100_000, description="SIP requests per second from one address"
    )
    rate_trusted: float = Field(
        default=10_000, gt=0, le=1_000_000, description="the same for trunks and trusted_networks"
    )
    trusted_networks: Networks = Field(
        default=(),
        description="list of IPv4 networks that are never banned, besides those of trunks",
    )
    ban_after_failures: int = Field(
        default=5, ge=1, le=1000, description="wrong passwords or unknown users before a ban"
    )
    ban_first_s: float = Field(
        default=60, ge=1, le=86400, description="seconds; doubles with each ban"
    )
    ban_longest_s: float = Field(
        default=86400, ge=1, le=2_592_000, description="seconds, at most 30 days"
    )

    drain_s: float = Field(
        default=30,
        ge=0,
        le=3600,
        description="seconds that calls may go on after SIGTERM, then BYE",
    )
    capture: bool = Field(default=True, description="keep SIP messages for `calls show --sip`")
    capture_bytes: int = Field(
        default=16_777_216, ge=65536, le=1 << 34, description="bytes of one capture file"
    )
    capture_files: int = Field(default=2, ge=1, le=100, description="capture files kept")
    journal_segment_bytes: int = Field(
        default=67_108_864, ge=1 << 20, le=1 << 32, description="bytes of one journal file"
    )
    retention_days: int = Field(
        default=90, ge=1, le=3650, description="days that facts and call records are kept"
    )

    def database(self) -> str:
        """The SQLAlchemy URL in force."""
        return self.database_url or f"sqlite:///{self.data_dir / 'switchroom.db'}"
