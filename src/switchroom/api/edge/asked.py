"""What a request says beside its permission: nothing that it says is ignored without a word.

An operation takes the query parameters, and the ``If-Match``, that the schema lists for it, and its
body as JSON. Asked after the permissions have spoken, so that it tells strangers nothing.
"""

import json
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from typing import Any, TypeAlias

from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from msgspec import Struct
from starlette.requests import HTTPConnection

from switchroom.api.edge.words import shown_name
from switchroom.api.errors import MOST_FIELDS, FieldFault, ProblemError, invalid
from switchroom.foundation.fields import did_you_mean

JSON = "application/json"


class Taken(Struct, frozen=True):
    """What one operation takes."""

    query: tuple[str, ...] | None
    "``None``: whatever is said, since probes and caches put there what they like."
    takes_if_match: bool
    takes_json: bool
    "A body, and only as JSON; who takes other bodies sees to them himself."


Key: TypeAlias = tuple[Callable[..., Any], str]
"Endpoint and method."


async def check_what_is_asked(connection: HTTPConnection) -> None:
    """The second dependency of the whole application, after ``enforce``.

    Raises:
        ProblemError: 400, 415 or 422; something in the request would have been ignored.
    """
    if connection.scope["type"] != "http":
        return
    taken = _taken_by(connection)
    if "if-match" in connection.headers and not taken.takes_if_match:
        raise ProblemError(
            "bad_request",
            "this operation takes no If-Match: leave the header out, and the change is made"
            " whatever version the thing has",
        )
    if taken.query is not None:
        _check_query(list(dict.fromkeys(connection.query_params)), taken.query)
    body: bytes = connection.scope["state"].get("body", b"")
    if taken.takes_json and body:
        _check_body(connection.headers.get("content-type", ""), body)


def _taken_by(connection: HTTPConnection) -> Taken:
    app: FastAPI = connection.app
    key = connection.scope["endpoint"], connection.scope["method"]
    known: Mapping[Key, Taken] = getattr(app.state, "taken", {})
    if key not in known:  # first of all, or a route that was added since
        app.state.taken = known = dict(_taken_by_all(app))
    return known[key]


def _taken_by_all(app: FastAPI) -> Iterator[tuple[Key, Taken]]:
    paths = app.openapi()["paths"]
    for context in iter_route_contexts(app.routes):
        for method in context.methods or ():
            operation = paths.get(context.path, {}).get(method.lower())
            if operation is not None and context.endpoint is not None:
                yield (context.endpoint, method), _taken(operation, method)


def _taken(operation: Mapping[str, Any], method: str) -> Taken:
    named = [(one["in"], one["name"]) for one in operation.get("parameters", ())]
    is_public_page = method == "GET" and not operation["security"]
    return Taken(
        None if is_public_page else tuple(name for where, name in named if where == "query"),
        ("header", "If-Match") in named,
        list(operation.get("requestBody", {}).get("content", ())) == [JSON],
    )


def _check_query(given: list[str], known: tuple[str, ...]) -> None:
    if unknown := [name for name in given if name not in known]:
        raise invalid([_unknown(name, known) for name in unknown[:MOST_FIELDS]])


def _unknown(name: str, known: tuple[str, ...]) -> FieldFault:
    text = "there is no such parameter: this operation takes none"
    if known:
        hint = did_you_mean(name, known)
        text = f"there is no such parameter{hint}; there are {', '.join(known)}"
    return FieldFault(shown_name(name), text)


def _check_body(content_type: str, body: bytes) -> None:
    kind = content_type.partition(";")[0].strip().lower()
    if kind != JSON and not (kind.startswith("application/") and kind.endswith("+json")):
        said = f" (it says {shown_name(kind)})" if kind else ""
        text = f"the body must be JSON and say so{said}: send Content-Type: {JSON}"
        raise ProblemError("unsupported_media_type", text)
    # FastAPI has read it, so it is JSON; of two equal names its reader keeps the last.
    repeated: list[str] = []

    def see(pairs: list[tuple[str, Any]]) -> None:
        if len(pairs) > len(dict(pairs)):
            repeated.extend(
                name for name, times in Counter(name for name, _ in pairs).items() if times > 1
            )

    json.loads(body, object_pairs_hook=see)
    if repeated:
        text = "is given twice in one object: say it once"
        raise invalid([FieldFault(shown_name(repeated[0]), text)])
