"""The description of the socket of events, AsyncAPI 3, made from the code that speaks on it."""

from collections.abc import Mapping
from typing import Any, get_args

import msgspec
from msgspec import Struct

from switchroom.api.events import messages
from switchroom.live.event import Kind
from switchroom.live.snapshot import LiveAgent, LiveCall

_REF = "#/components/schemas/{name}"
_ROWS = {"calls": LiveCall, "agent_status": LiveAgent}
_CLOSE_CODES = {
    messages.CLOSE_GOING: "the server stops; come back with the cursor",
    1009: "a message was too long",
    messages.CLOSE_LATER: "the database does not answer; come back later",
    messages.CLOSE_BAD_MESSAGE: "a message made no sense",
    messages.CLOSE_LOGGED_OUT: "the session or access key has ended",
    messages.CLOSE_FORBIDDEN: "the account is disabled or may not follow events any more",
    messages.CLOSE_LAGGING: "the reader was too slow; come back with the cursor",
    messages.CLOSE_TOO_MANY: "too many sockets or requests",
}


def describe(kinds: Mapping[str, Kind], version: str) -> dict[str, Any]:
    """The whole document. ``kinds``: every kind of fact by name."""
    asked, answered = get_args(messages.Request), get_args(messages.Answer)
    facts = [kind.fact for _, kind in sorted(kinds.items())]
    types: list[Any] = [*asked, *answered, *_ROWS.values(), *facts]
    schemas, components = msgspec.json.schema_components(types, ref_template=_REF)
    del schemas
    events = {name: _event(name, kind) for name, kind in sorted(kinds.items())}
    components |= {"Event": _any_event(kinds), "Events": _events()}
    told = {**{_name(one): _message(one) for one in answered}, "Events": _ref_message("Events")}
    spoken = {_name(one): _message(one) for one in asked}
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "Switchroom events",
            "version": version,
            "description": _DESCRIPTION.format(codes=_codes()),
        },
        "defaultContentType": "application/json",
        "channels": {
            "events": {
                "address": "/v1/events",
                "description": "Open it with a single-use ticket or an Authorization header.",
                "messages": {
                    name: {"$ref": f"#/components/messages/{name}"} for name in {**spoken, **told}
                },
                "bindings": {"ws": {"query": _TICKET}},
            }
        },
        "operations": {
            "ask": _operation("receive", "What a client says.", spoken),
            "tell": _operation("send", "What the server says.", told),
        },
        "components": {
            "messages": {**spoken, **told},
            "schemas": {**components, **{f"event.{name}": one for name, one in events.items()}},
        },
    }


def text(kinds: Mapping[str, Kind], version: str) -> str:
    """The document as it is kept in ``docs/``."""
    encoded = msgspec.json.encode(describe(kinds, version))
    return msgspec.json.format(encoded, indent=2).decode() + "\n"


def _event(name: str, kind: Kind) -> dict[str, Any]:
    return {
        "type": "object",
        "description": (kind.fact.__doc__ or "").strip().splitlines()[0]
        if kind.fact.__doc__
        else "",
        "x-permission": [f"{one}:get" for one in sorted(kind.resources)],
        "required": ["number", "type", "at", "resource", "id", "data"],
        "properties": {
            "number": {"type": "integer", "minimum": 1},
            "type": {"const": name},
            "at": {"type": "number", "description": "Unix time in seconds, UTC."},
            "resource": {"const": kind.fact.resource},
            "id": {"type": "string"},
            "data": {"$ref": _REF.format(name=kind.fact.__name__)},
        },
    }


def _any_event(kinds: Mapping[str, Kind]) -> dict[str, Any]:
    hidden = {
        "type": "object",
        "description": "Something that was seen may not be seen any more: forget it.",
        "required": ["number", "type", "resource", "id"],
        "properties": {
            "number": {"type": "integer"},
            "type": {"const": "resource_hidden"},
            "resource": {"type": "string"},
            "id": {"type": "string"},
        },
    }
    some = [{"$ref": _REF.format(name=f"event.{name}")} for name in sorted(kinds)]
    return {"oneOf": [*some, hidden]}


def _events() -> dict[str, Any]:
    return {
        "type": "object",
        "description": "One or more events, in the order of their numbers.",
        "required": ["type", "cursor", "events"],
        "properties": {
            "type": {"const": "events"},
            "cursor": {"type": "string", "description": "Where its reader stands after it."},
            "events": {"type": "array", "items": {"$ref": _REF.format(name="Event")}},
        },
    }


def _message(kind: type[Struct]) -> dict[str, Any]:
    return {
        "summary": _summary(kind),
        "payload": {"$ref": _REF.format(name=kind.__name__)},
    }


def _ref_message(name: str) -> dict[str, Any]:
    return {"summary": "What has happened.", "payload": {"$ref": _REF.format(name=name)}}


def _operation(action: str, summary: str, messages: Mapping[str, object]) -> dict[str, Any]:
    return {
        "action": action,
        "summary": summary,
        "channel": {"$ref": "#/channels/events"},
        "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in messages],
    }


def _summary(kind: type[Struct]) -> str:
    lines = (kind.__doc__ or kind.__name__).strip().splitlines()
    return lines[0]


def _name(kind: type[Struct]) -> str:
    return kind.__name__


def _codes() -> str:
    return "\n".join(f"- {code}: {why}" for code, why in sorted(_CLOSE_CODES.items()))


_TICKET = {
    "type": "object",
    "properties": {"ticket": {"type": "string", "description": "From POST /v1/auth/tickets."}},
}
_DESCRIPTION = """What happens in one customer, as it happens, as far as whoever follows may see it.

Each event is one of the numbered facts of the customer: numbers count up without holes, and some of
them are of things that may not be seen. Rows of a snapshot are `LiveCall` or `LiveAgent`.

The socket is closed with one of these codes:

{codes}
"""
