"""Configuration documents over the API: planned and written by the store, then told to the node."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from threading import Lock

from msgspec import Struct, to_builtins

from switchroom.api.authority_port import By
from switchroom.api.configuration.document_port import Applied, Document, Exported, NotApplied
from switchroom.api.errors import FieldFault
from switchroom.api.ports import Gate
from switchroom.identity.model import Refused
from switchroom.identity.ports import PasswordHasher
from switchroom.identity.rules.passwords import canonical
from switchroom.store.apply.fault import Fault
from switchroom.store.apply.run import ApplyResult
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.run import CustomerDocuments, Principal, Sent

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

    def apply(self, by: By, document: Document) -> Applied | NotApplied | Refused:
        """Carry it out, or say why nothing was done."""
        with self.turns.of(by.actor.customer_id) as is_ours:
            if not is_ours:
                return _BUSY
            sent = Sent(document.text, document.is_json, document.dry_run, document.if_version)
            outcome = self.documents.apply(self._principal(by), sent)
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

    def export(self, by: By) -> Exported | NotApplied:
        """All of the customer's configuration."""
        outcome = self.documents.export(self._principal(by))
        if isinstance(outcome, Denied):
            return _not_applied(outcome)
        return Exported(outcome.text, outcome.version)

    def _principal(self, by: By) -> Principal:
        actor = by.actor
        return Principal(
            actor,
            by.request_id,
            lambda permission: self.gate.needs_second_factor(actor, permission, self.utc()),
        )


def hashing(hasher: PasswordHasher) -> Callable[[str], str]:
    """The slow hash of a log-in password, as its log-in compares it."""
    return lambda password: hasher.hash(canonical(password) or "")


def _not_applied(denied: Denied) -> NotApplied:
    faults = _faults(denied.faults)
    return NotApplied(denied.code, denied.text, faults, denied.missing, denied.rule)


def _faults(faults: Iterable[Fault]) -> tuple[FieldFault, ...]:
    return tuple(FieldFault(one.field, one.text, one.line) for one in faults)
