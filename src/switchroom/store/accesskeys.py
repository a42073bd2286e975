"""Access keys as stored."""

from collections.abc import Mapping
from typing import Any

from switchroom.identity.model import AccessKey
from switchroom.store.tables import metadata

_KEYS = metadata.tables["accesskeys"]


def key_of(row: Mapping[str, Any]) -> AccessKey:
    lists = {name: tuple(row[name]) for name in ("ceiling", "networks")}
    return AccessKey(**(dict(row) | lists))
