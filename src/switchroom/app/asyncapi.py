"""The description of the socket of events of this version."""

from importlib.metadata import version

from switchroom.api.events import asyncapi
from switchroom.app.facts import kinds


def document() -> str:
    """As it is kept in ``docs/asyncapi.json`` and served."""
    return asyncapi.text(kinds(), version("switchroom"))
