"""What a change makes wrong, told without a word about what other customers have."""

from collections.abc import Iterator

from msgspec.structs import replace

from switchroom.directory.model import Configuration
from switchroom.directory.problem import Problem
from switchroom.directory.validate import problems
from switchroom.store.stored import Stored

TAKEN = "is taken already"
"All that is said of something that may exist only once on the platform."


def new_problems(
    before: Configuration, after: Configuration, customer_id: str, newest: str = ""
) -> tuple[Problem, ...]:
    """The problems of ``after`` that ``before`` does not have.

    Those that show when only the customer's own things are looked at are told as they are. The
    rest is about somebody else's things: of it only the field is told, and which of the customer's
    own things has it.
    """
    found = problems(after, newest)
    if not found:
        return ()
    known = {(one.id, one.place) for one in problems(before)}
    mine = only(after, customer_id)
    own = {(one.id, one.place): one for one in problems(mine, newest)}
    ids = set(ids_of(mine))
    return tuple(
        own.get((one.id, one.place)) or replace(one, id=one.id if one.id in ids else "", text=TAKEN)
        for one in found
        if (one.id, one.place) not in known
    )


def checkable(stored: Stored) -> Configuration:
    """The configuration as it is validated: trunks with a password, whatever it is, have one."""
    trunks = tuple(
        replace(trunk, password="set") if stored.origin(trunk.id).reference else trunk
        for trunk in stored.configuration.trunks
    )
    return replace(stored.configuration, trunks=trunks)


def ids_of(configuration: Configuration) -> Iterator[str]:
    """The ids of all things, addresses too."""
    for noun in configuration.__struct_fields__:
        for one in getattr(configuration, noun):
            yield one.id
    for agent in configuration.agents:
        for address in agent.addresses:
            yield address.id


def only(configuration: Configuration, customer_id: str) -> Configuration:
    """The customer and what is his."""
    lists = {
        noun: tuple(
            one
            for one in getattr(configuration, noun)
            if getattr(one, "customer_id", one.id) == customer_id
        )
        for noun in configuration.__struct_fields__
    }
    return Configuration(**lists)
