"""What a route asks for by its type: ``door: Annotated[Door, Depends(service(Door))]``."""

from collections.abc import Callable, Coroutine
from typing import Any, TypeVar

from starlette.requests import HTTPConnection

T = TypeVar("T")


def service(kind: type[T]) -> Callable[[HTTPConnection], Coroutine[Any, Any, T]]:
    """A dependency that yields what ``app`` has put there for this type."""

    async def found(connection: HTTPConnection) -> T:
        one: T = connection.app.state.ports.services[kind]
        return one

    return found
