"""A binding: one phone's registered contact, and when two contacts are the same one."""

from typing import Annotated

from msgspec import Meta, Struct

from switchroom.foundation.events import UtcSeconds
from switchroom.foundation.leg import Hop
from switchroom.sip.events import (
    RegistrationAdded,
    RegistrationRemoved,
    RemovalReason,
)
from switchroom.sip.message import SipUri, parse_uri

MonotonicSeconds = Annotated[float, Meta(description="Seconds of the node's monotonic clock.")]

DECISIVE_PARAMETERS = ("transport", "user", "ttl", "method", "maddr")
"URI parameters that make two URIs differ even when only one of them has it, RFC 3261 §19.1.4."


class AddressOfRecord(Struct, frozen=True):
    """Whose phones a REGISTER is about, as authenticated."""

    customer_id: str
    number: str
    "The extension's number."
    max_contacts: int


class Binding(Struct, frozen=True):
    """Where one phone of an extension is reached until ``expires_at``."""

    binding_id: str
    customer_id: str
    number: str
    "The extension's number."
    uri: str
    "Contact URI as given: the Request-URI of calls to it."
    hop: Hop
    "Where its REGISTER came from, and so where calls are sent (RFC 3581), whatever the URI says."
    expires_at: MonotonicSeconds
    registered_at: MonotonicSeconds
    call_id: str
    cseq: int
    q: float = 1.0
    "Preference from 0 to 1, higher first."
    instance: str = ""
    reg_id: int = 0
    user_agent: str = ""
    is_reachable: bool = True
    "False after it stopped answering OPTIONS."

    def added(self, now: float, utc_offset: float, *, is_refresh: bool) -> RegistrationAdded:
        """The fact that tells of this binding, said at ``now``."""
        return RegistrationAdded(
            at=now + utc_offset,
            customer_id=self.customer_id,
            binding_id=self.binding_id,
            extension=self.number,
            contact=self.uri,
            hop=self.hop,
            expires_at=self.expires_at + utc_offset,
            registered_at=self.registered_at + utc_offset,
            sip_call_id=self.call_id,
            cseq=self.cseq,
            q=self.q,
            instance=self.instance,
            reg_id=self.reg_id,
            user_agent=self.user_agent,
            is_refresh=is_refresh,
        )

    def removed(self, at: UtcSeconds, reason: RemovalReason) -> RegistrationRemoved:
        return RegistrationRemoved(
            at=at,
            customer_id=self.customer_id,
            binding_id=self.binding_id,
            extension=self.number,
            contact=self.uri,
            reason=reason,
        )

    def contact_line(self, now: float) -> str:
        """This binding as a Contact header of a 200, with the seconds that it has left."""
        left = max(1, round(self.expires_at - now))
        line = f"Contact: <{self.uri}>;expires={left}"
        if self.q != 1.0:
            line += f";q={self.q:g}"
        if self.instance:
            line += f';+sip.instance="{self.instance}"'
        if self.reg_id:
            line += f";reg-id={self.reg_id}"
        return line


def from_fact(fact: RegistrationAdded, utc_offset: float) -> Binding:
    """The binding that ``fact`` told of, with its times on this process's monotonic clock."""
    return Binding(
        binding_id=fact.binding_id,
        customer_id=fact.customer_id,
        number=fact.extension,
        uri=fact.contact,
        hop=_reachable_hop(fact),
        expires_at=fact.expires_at - utc_offset,
        registered_at=fact.registered_at - utc_offset,
        call_id=fact.sip_call_id,
        cseq=fact.cseq,
        q=fact.q,
        instance=fact.instance,
        reg_id=fact.reg_id,
        user_agent=fact.user_agent,
    )


def _reachable_hop(fact: RegistrationAdded) -> Hop:
    # Its TCP connection died with the process. A phone without NAT listens on the port of its
    # Contact, so a new connection goes there; one behind NAT stays away until it registers again.
    transport, address, _ = fact.hop
    if transport == "udp":
        return fact.hop
    uri = parse_uri(fact.contact)
    if uri is None or uri.host != address:
        return fact.hop
    return (transport, address, uri.port or 5060)


def is_same_contact(held: Binding, uri: SipUri, instance: str, reg_id: int) -> bool:
    """Whether a contact of a REGISTER means the binding that is held.

    A phone that sends instance and reg-id is known by them alone (RFC 5626 §6). All others are
    known by their URI (RFC 3261 §19.1.4), except that two phones behind two NATs may have the same
    private URI: different instances keep them apart.
    """
    if reg_id and held.reg_id and instance and held.instance:
        return held.instance == instance and held.reg_id == reg_id
    if instance and held.instance and instance != held.instance:
        return False
    known = parse_uri(held.uri)
    return known is not None and is_same_uri(known, uri)


def is_same_uri(one: SipUri, other: SipUri) -> bool:
    """Compare by RFC 3261 §19.1.4 (URI headers are ignored)."""
    if (one.scheme, one.user, one.password, one.host, one.port) != (
        other.scheme,
        other.user,
        other.password,
        other.host,
        other.port,
    ):
        return False
    for name in one.params.keys() | other.params.keys():
        mine, theirs = one.params.get(name), other.params.get(name)
        if mine is None or theirs is None:
            if name in DECISIVE_PARAMETERS:
                return False
        elif mine.lower() != theirs.lower():
            return False
    return True
