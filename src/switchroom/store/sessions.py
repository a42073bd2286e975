"""Sessions as stored."""

from collections.abc import Mapping
from typing import Any

from switchroom.identity.model import Session
from switchroom.store.tables import metadata

_SESSIONS = metadata.tables["sessions"]


def session_of(row: Mapping[str, Any]) -> Session:
    return Session(**row)
