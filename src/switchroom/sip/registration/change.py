"""Decides what a REGISTER does to one extension's bindings: all of it or nothing."""

from collections.abc import Sequence

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Hop
from switchroom.sip.events import RemovalReason
from switchroom.sip.registration.binding import AddressOfRecord, Binding, is_same_contact
from switchroom.sip.registration.request import Asked, AskedContact, Refusal

OUT_OF_ORDER = Refusal(500, "CSeq out of order")
"RFC 3261 §10.3 step 7: an older REGISTER of the same Call-ID must not undo a newer one."
FULL = Refusal(403, "Too many contacts")


class Change:
    """The bindings that one REGISTER leaves behind; the ones held before stay as they are."""

    __slots__ = ("_aor", "_asked", "_hop", "_ids", "_new", "_now", "_replaced", "kept")

    def __init__(
        self, held: Sequence[Binding], aor: AddressOfRecord, hop: Hop, ids: Ids, now: float
    ) -> None:
        self.kept = list(held)
        self._new: set[str] = set()
        "Ids of bindings that this request itself made or refreshed."
        self._replaced: set[str] = set()
        self._aor = aor
        self._hop = hop
        self._ids = ids
        self._now = now

    def make(self, asked: Asked) -> Refusal | None:
        """Change ``kept`` as asked; after a refusal ``kept`` must be thrown away."""
        if asked.removes_all:
            if any(_is_older(asked, held) for held in self.kept):
                return OUT_OF_ORDER
            self.kept = []
            return None
        for contact in asked.contacts:
            refusal = self._apply(asked, contact)
            if refusal is not None:
                return refusal
        return None

    def reason_for(self, gone: Binding) -> RemovalReason:
        """Why a binding is no longer among the kept ones."""
        return "replaced" if gone.binding_id in self._replaced else "unregistered"

    def _apply(self, asked: Asked, contact: AskedContact) -> Refusal | None:
        held = self._find(contact)
        if held is not None:
            if held.binding_id not in self._new and _is_older(asked, held):
                return OUT_OF_ORDER
            self.kept.remove(held)
        if contact.expires_s == 0:
            return None
        if (
            held is None
            and len(self.kept) >= self._aor.max_contacts
            and not self._make_room(contact)
        ):
            return FULL
        binding = self._bind(asked, contact, held)
        self._new.add(binding.binding_id)
        self.kept.append(binding)
        return None

    def _find(self, contact: AskedContact) -> Binding | None:
        for held in self.kept:
            if is_same_contact(held, contact.parsed, contact.instance, contact.reg_id):
                return held
        return None

    def _make_room(self, contact: AskedContact) -> bool:
        """Drop what this phone itself left behind, or a phone that no longer answers.

        A living phone is never pushed out: the one that comes too late gets 403 and its user sees
        it, rather than phones that silently take turns.
        """
        old = [held for held in self.kept if held.binding_id not in self._new]
        for is_stale in (
            lambda held: bool(contact.instance) and held.instance == contact.instance,
            lambda held: held.hop == self._hop,
            lambda held: not held.is_reachable,
        ):
            for held in old:
                if is_stale(held):
                    self.kept.remove(held)
                    self._replaced.add(held.binding_id)
                    return True
        return False

    def _bind(self, asked: Asked, contact: AskedContact, held: Binding | None) -> Binding:
        return Binding(
            binding_id=self._ids.token() if held is None else held.binding_id,
            customer_id=self._aor.customer_id,
            number=self._aor.number,
            uri=contact.uri,
            hop=self._hop,
            expires_at=self._now + contact.expires_s,
            registered_at=self._now if held is None else held.registered_at,
            call_id=asked.call_id,
            cseq=asked.cseq,
            q=contact.q,
            instance=contact.instance,
            reg_id=contact.reg_id,
            user_agent=asked.user_agent,
        )


def _is_older(asked: Asked, held: Binding) -> bool:
    return held.call_id == asked.call_id and asked.cseq <= held.cseq
