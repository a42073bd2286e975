"""The command ``originate``: ring some, and connect who answers first with somebody, or park him.

Customer, client and agents may be given by id or by name. ``dial`` are the dial classes that
whoever asks holds; without it they are those of the agent ``asked_by``, without one none.
"""

from collections.abc import Mapping
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from switchroom.calls.plan import Order, Party, PartyKind, Refusal
from switchroom.calls.service import CallService, Originated
from switchroom.directory.lookup import Directory
from switchroom.directory.model import Agent, Client, Customer, RingMethod
from switchroom.foundation.errors import SwitchroomError

Text = Annotated[str, Meta(max_length=256)]


class BadOrderError(SwitchroomError):
    """The arguments cannot be understood."""

    code = "bad_order"


class OrderRefusedError(SwitchroomError):
    """The order is understood, and not carried out."""

    code = "order_refused"


class NoSuchDestinationError(OrderRefusedError):
    """Nobody is there, or no trunk leads there; the same for what is another customer's."""

    code = "no_such_destination"


class DialRightError(OrderRefusedError):
    """Whoever asks may not dial that."""

    code = "no_dial_right"


class NoRoomError(OrderRefusedError):
    """The node has too many calls, or is about to stop."""

    code = "no_room"


PartyArgument = Annotated[dict[PartyKind, Text], Meta(min_length=1, max_length=1)]
"One kind and a name: an agent, ``alice``."


class Arguments(Struct, forbid_unknown_fields=True):
    """What the command takes."""

    destinations: Annotated[list[PartyArgument], Meta(min_length=1, max_length=64)]
    connect_to: PartyArgument | None = None
    "``None``: park who answers."
    ring_method: RingMethod = "ring_all"
    ring_timeout_s: Annotated[float, Meta(ge=1, le=180)] | None = None
    "``None``: as configured for the only destination, 30 s for several."
    customer: Text = ""
    "Empty: the default customer."
    client: Text = ""
    asked_by: Text = ""
    "A guest of the customer or one of the platform's staff by his id only."
    for_agent: Text = ""
    "Whose call it is; empty: of who asks."
    dial: Annotated[list[Text], Meta(max_length=16)] | None = None


def order_of(arguments: Mapping[str, object], directory: Directory) -> Order:
    """The order that these arguments mean.

    Raises:
        BadOrderError: they make no sense, or name a customer, client or agent that is not there.
    """
    try:
        given = msgspec.convert(arguments, Arguments)
    except msgspec.ValidationError as error:
        raise BadOrderError(f"not an order: {error}") from None
    customer = _customer(given.customer, directory)
    asker = directory.agent(given.asked_by) or _agent(given.asked_by, customer, directory)
    speaker = _agent(given.for_agent, customer, directory)
    client = _client(given.client, customer, directory)
    dial = given.dial
    if dial is None:
        # What somebody may dial in his own customer is nothing to another one.
        is_own = asker is not None and asker.customer_id == customer.id
        dial = list(asker.dial) if asker is not None and is_own else []
    return Order(
        customer_id=customer.id,
        destinations=tuple(map(_party, given.destinations)),
        connect_to=None if given.connect_to is None else _party(given.connect_to),
        ring_method=given.ring_method,
        ring_timeout_s=given.ring_timeout_s,
        client_id="" if client is None else client.id,
        asked_by="" if asker is None else asker.id,
        for_agent="" if speaker is None else speaker.id,
        dial=tuple(dial),
    )


def begin(calls: CallService, order: Order, now: float) -> Originated:
    """Begin the call.

    Raises:
        OrderRefusedError: one of its kinds; nothing has been done.
    """
    begun = calls.originate(order, now)
    if isinstance(begun, Refusal):
        raise _error_of(begun)
    return begun


def _error_of(refusal: Refusal) -> OrderRefusedError:
    place, text = refusal.destination, refusal.cause.text
    if place is not None:
        text = f"destinations[{place}]: {text}"
    match refusal.cause.status:
        case 403:
            return DialRightError(text)
        case 404:
            return NoSuchDestinationError(text)
        case 503:
            return NoRoomError(text)
    return OrderRefusedError(text)


def _party(given: PartyArgument) -> Party:
    ((kind, name),) = given.items()
    return Party(kind, name)


def _customer(name: str, directory: Directory) -> Customer:
    found = directory.customer(name) if name else directory.default_customer
    found = found or next((one for one in directory.customers if one.name == name), None)
    if found is None:
        text = f"there is no customer {name!r}" if name else "say which customer: none is default"
        raise BadOrderError(text)
    return found


def _agent(name: str, customer: Customer, directory: Directory) -> Agent | None:
    if not name:
        return None
    found = directory.agent(name) or directory.agent_by_name(customer.id, name)
    if found is None or found.customer_id != customer.id:
        raise BadOrderError(f"there is no agent {name!r}")
    return found


def _client(name: str, customer: Customer, directory: Directory) -> Client | None:
    if not name:
        return None
    clients = [one for one in directory.configuration.clients if one.customer_id == customer.id]
    found = next((one for one in clients if name in (one.id, one.name)), None)
    if found is None:
        raise BadOrderError(f"there is no client {name!r}")
    return found
