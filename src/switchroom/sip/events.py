"""Facts about registrations: enough in them to rebuild every binding after a restart."""

from typing import ClassVar, Literal

from switchroom.foundation.events import Fact, UtcSeconds
from switchroom.foundation.leg import Hop

RemovalReason = Literal["unregistered", "expired", "replaced", "flow_closed", "unconfigured"]


class RegistrationFact(Fact, frozen=True, kw_only=True):
    resource: ClassVar[str] = "extensions"
    id_field: ClassVar[str] = "extension"

    binding_id: str
    "The same from a phone's first REGISTER until the registration is gone."
    extension: str
    "The extension's number."
    contact: str
    "Contact URI exactly as the phone gave it."


class RegistrationAdded(RegistrationFact, frozen=True, kw_only=True, tag="registration.added"):
    """A phone registered, or refreshed what it had registered (the same ``binding_id`` again)."""

    hop: Hop
    expires_at: UtcSeconds
    registered_at: UtcSeconds
    "When this binding was first made."
    sip_call_id: str
    cseq: int
    q: float = 1.0
    instance: str = ""
    "``+sip.instance`` without its quotes, RFC 5626; empty for none."
    reg_id: int = 0
    user_agent: str = ""
    is_refresh: bool = False


class RegistrationRemoved(RegistrationFact, frozen=True, kw_only=True, tag="registration.removed"):
    """Calls no longer go to this contact."""

    reason: RemovalReason
