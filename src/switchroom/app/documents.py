"""Configuration documents over the API: planned and written by the store, then told to the node."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from msgspec import Struct, to_builtins

from switchroom.api.configuration.document_port import Applied, NotApplied
from switchroom.api.errors import FieldFault
from switchroom.api.ports import Gate
from switchroom.directory.document import ExportedDocument, SentDocument
from switchroom.identity.model import Actor, Refused
from switchroom.store.apply.fault import Fault
from switchroom.store.apply.run import ApplyResult
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.run import CustomerDocuments, Principal

MOST_AT_ONCE = 2
"Threads that compute beside the event loop; each makes it wait for some milliseconds."
_BUSY = Refused("busy", "other documents are being applied: try again", retry_after_s=5.0)


class Turns:
    """One for each customer and few at once; nobody waits here, but is told to come again."""

    def __init__(self, most: int = MOST_AT_ONCE) -> None:
        self._most = most
        self._at_work: set[str] = set()
        self._lock = Lock()  # turns are taken in the threads of requests

    @contextmanager
    def of(self, customer_id: str) -> Iterator[bool]:
        """Whether this customer has a turn inside."""
        with self._lock:
            is_free = customer_id not in self._at_work and len(self._at_work) < self._most
            if is_free:
                self._at_work.add(customer_id)
        try:
            yield is_free
        finally:
            if is_free:
                with self._lock:
                    self._at_work.discard(customer_id)


class CustomersDocuments(Struct, frozen=True):
    """``api.configuration.document_port.Documents`` over the database."""

    documents: CustomerDocuments
    gate: Gate
    utc: Callable[[], float]
    tell_node: Callable[[], None]
    turns: Turns
    "To apply."

    def apply(self, by: Actor, document: SentDocument) -> Applied | NotApplied | Refused:
        """Carry it out, or say why nothing was done."""
        with self.turns.of(by.customer_id) as is_ours:
            if not is_ours:
                return _BUSY
            outcome = self.documents.apply(self._principal(by), document)
        match outcome:
            case Denied():
                return _not_applied(outcome)
            case Refused():
                return outcome
            case ApplyResult(faults=()):
                if not document.dry_run:
                    # Even if nothing has changed: it may have missed an earlier change.
                    self.tell_node()
                return Applied(to_builtins(outcome.changes), outcome.applied)
            case ApplyResult(faults=faults):
                text = "nothing was changed: the document has faults"
                return NotApplied("invalid", text, _faults(faults))

    def export(self, by: Actor) -> ExportedDocument | NotApplied:
        """All of the customer's configuration."""
        outcome = self.documents.export(self._principal(by))
        if isinstance(outcome, Denied):
            return _not_applied(outcome)
        return outcome

    def _principal(self, by: Actor) -> Principal:
        return Principal(
            by, lambda permission: self.gate.needs_second_factor(by, permission, self.utc())
        )


def _not_applied(denied: Denied) -> NotApplied:
    faults = _faults(denied.faults)
    return NotApplied(denied.code, denied.text, faults, denied.missing, denied.rule)


def _faults(faults: Iterable[Fault]) -> tuple[FieldFault, ...]:
    return tuple(FieldFault(one.field, one.text, one.line) for one in faults)
