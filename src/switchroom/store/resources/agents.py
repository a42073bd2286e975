"""Agents: user names are written in small letters, and there are none without the home's domain."""

from switchroom.directory.model import Agent
from switchroom.store.resources.edits import creating
from switchroom.store.resources.spec import Edited, Fields, Target
from switchroom.store.stored import Stored

_create = creating("agents", Agent)


def create(stored: Stored, target: Target, values: Fields) -> Edited:
    """A new agent, without addresses and without an account."""
    username = values["username"].lower()
    return _create(stored, target, {**values, "username": username, "addresses": []})
