"""What the API needs from outside; ``app`` fills it. Everything here may wait for a database.

Routes call these from the thread pool, never from the event loop.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, AbstractContextManager
from typing import Any, Literal, Protocol, TypeAlias

from msgspec import Struct

from switchroom.directory.change import Outcome, Wish
from switchroom.directory.listing import Page, Record, Wanted
from switchroom.foundation.repetition import KeyState
from switchroom.identity.model import Actor, Refused
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled
from switchroom.permissions.declare import Permission
from switchroom.permissions.explain import Decision
from switchroom.permissions.model import Row


class Credentials(Struct, frozen=True):
    """What a request shows for itself."""

    token: str
    "Of a header or a cookie; empty: none."
    kind: Literal["bearer", "cookie", "ticket"]
    source: str
    "Address without port."
    csrf_token: str = ""
    is_safe: bool = True
    "Whether the method only reads; a cookie alone is not enough for anything else."

    def __repr__(self) -> str:
        return f"Credentials(kind={self.kind!r}, source={self.source!r})"


class Gate(Protocol):
    """Who asks, and what he may do: one query for each request."""

    def opened(self, shown: Credentials, now: float) -> AbstractContextManager[Actor | Refused]:
        """The actor whose token this is; the block reads in the transaction that found him.

        Nothing may be written inside; that he used it is noted at the end.
        """
        ...

    def explain(
        self, actor: Actor, permission: Permission, row: Row | None, now: float
    ) -> Decision:
        """Why the actor may or may not; slow, for refusals and for people who ask."""
        ...

    def needs_second_factor(self, actor: Actor, permission: Permission, now: float) -> bool:
        """Whether this is asked of people only soon after they have shown their second factor."""
        ...

    def refused(
        self, actor: Actor, permission: Permission, target_id: str, now: float, reason: str = ""
    ) -> None:
        """Write the refusal to the audit log, or count it there if it repeats. Never fails."""
        ...

    def failed(
        self, actor: Actor, permission: Permission, target_id: str, now: float, reason: str
    ) -> None:
        """Write to the audit log that nobody knows whether it was done. Never fails."""
        ...

    def done(
        self, actor: Actor, permission: Permission, target_id: str, now: float, after: Any = None
    ) -> None:
        """Write to the audit log what was done outside of the database; ``after`` says more.

        Never fails, since what was done stays done: what cannot be written now is written later.
        """
        ...

    def allowed(
        self, actor: Actor, permission: Permission, target_id: str, now: float, after: Any = None
    ) -> None:
        """Write to the audit log that something sensitive is about to be shown, or fail."""
        ...


class Resources(Protocol):
    """Things of one kind, as far as somebody may see them."""

    def page(self, compiled: Compiled, wanted: Wanted) -> Page: ...

    def count(self, compiled: Compiled, wanted: Wanted) -> int: ...

    def find(self, compiled: Compiled, bit: int, id: str) -> Record | None: ...


class ConfigurationResources(Resources, Protocol):
    """Things that are changed over HTTP as well."""

    def change(self, actor: Actor, wish: Wish) -> Outcome: ...


Scalar: TypeAlias = str | int | float | bool | dict[str, str] | list[str | dict[str, str]] | None
"What an argument of a command may be; the control socket takes nothing that nests deeper."


class NodePort(Protocol):
    """The node that has the calls, in this process or in another one on the same machine."""

    def ask(self, command: str, arguments: Mapping[str, Scalar]) -> Any:
        """What the node answers: JSON's types.

        Raises:
            SwitchroomError: It refused (with its code), or ``no_node``: it does not answer.
        """
        ...


class IdempotencyKeys(Protocol):
    """Answers by ``Idempotency-Key``; a key of one principal is nothing to another."""

    def claim(self, principal: str, key: str, request_hash: bytes, now: float) -> KeyState:
        """Take the key for a request that begins now, unless it was taken before."""
        ...

    def keep(self, principal: str, key: str, status: int, body: str, now: float) -> None:
        """Store the answer; a repetition gets it."""
        ...

    def release(self, principal: str, key: str) -> None:
        """Forget the key: the request came to nothing and may be tried again."""
        ...


class Operators(Protocol):
    """What machines ask about the process: figures, and why no calls should come here."""

    def exposition(self) -> bytes: ...

    def obstacles(self) -> Sequence[str]: ...


class Ports(Struct):
    """Everything that ``build_api`` is given."""

    catalog: Catalog
    gate: Gate
    resources: Mapping[str, Resources]
    "By the resource's name: what rows are loaded from."
    node: NodePort
    keys: IdempotencyKeys
    operators: Operators
    utc: Callable[[], float]
    monotonic: Callable[[], float]
    make_id: Callable[[], str]
    database_faults: tuple[type[Exception], ...]
    "What the store raises when the database does not answer."
    conflict_faults: tuple[type[Exception], ...]
    "What it raises when somebody else was faster."
    services: Mapping[type[Any], Any] = {}
    "What single routes ask for beside, by its protocol."
    running: tuple[Callable[[], AbstractAsyncContextManager[None]], ...] = ()
    "What must run in the loop as long as the application does."


class AuditExport(Protocol):
    """The audit log for a file."""

    def lines(self, compiled: Compiled, after: int, most: int) -> Iterator[bytes]:
        """Entries behind number ``after``, at most ``most``, and a last line; some at a time."""
        ...


class Groupcall(Struct, frozen=True):
    """What somebody wanted; what became of it is the call's record."""

    id: str
    "The call's."
    customer_id: str
    agent_id: str
    client_id: str
    destinations: list[dict[str, str]]
    connect_to: dict[str, str] | None
    ring_method: str
    ring_timeout_s: float | None
    created_at: float


class Groupcalls(Protocol):
    """Where groupcalls are kept."""

    def add(self, groupcall: Groupcall) -> None:
        """Keep it. Never fails, since it rings already: the log has what cannot be kept."""
        ...
