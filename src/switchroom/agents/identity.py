"""Who is shown as the caller, on an agent's phone and to a carrier.

On a phone: the caller's number, and the client's name before the caller's ("Zeta: Bob"), so that
the agent knows as whom to answer. To a carrier: only telephone numbers, written as it wants them,
and no names, since those of people and clients are nobody's business outside. An address may
choose what it shows:

============  =========================  ==============================================
choice        From                       P-Asserted-Identity
============  =========================  ==============================================
``caller``    the caller                 none
``company``   the company's number       none
``both``      the caller                 the company's number: the carrier bills and
                                         checks that one, the mobile shows the caller
============  =========================  ==============================================

The company's number is the one that was called; for a call from inside, the caller's own number
(that of the client he works for); without one, the trunk's ``caller_id``. In a call
that a command has begun carriers see the company, too: what the phones are shown there is with whom
they will talk, and that number is not ours. A caller without a
telephone number (an extension, somebody anonymous) is shown to carriers as the company.
"""

from msgspec import Struct

from switchroom.calls.plan import Attempt
from switchroom.directory.model import CallerIdChoice, Trunk
from switchroom.directory.numbering import format_for
from switchroom.foundation.leg import Destination, Identity


class Caller(Struct, frozen=True):
    """Who calls, and for which company."""

    identity: Identity
    company: str = ""
    "E.164; empty for none."
    client_name: str = ""
    phones_only: bool = False
    "The identity is for phones: to carriers only the company calls."


def to_phone(caller: Caller, choice: CallerIdChoice, to: Destination) -> Attempt:
    """Dial a phone of ours or a SIP address."""
    name = caller.client_name
    person = caller.identity
    display = ": ".join(filter(None, (name, person.display)))
    shown = Identity(person.user, display)
    if choice == "caller" or not caller.company:
        return Attempt(to, shown)
    company = Identity(caller.company, name)
    return Attempt(to, company) if choice == "company" else Attempt(to, shown, company)


def to_trunk(
    caller: Caller, choice: CallerIdChoice, to: Destination, trunk: Trunk, country: str
) -> Attempt:
    """Dial through a carrier, which reads numbers as ``trunk`` says."""

    def written(number: str) -> Identity:
        return Identity(format_for(trunk, number, country))

    company = caller.company or trunk.caller_id
    if caller.phones_only:
        return Attempt(to, written(company))
    number = caller.identity.user if caller.identity.user.startswith("+") else ""
    if choice == "company" or not number:
        return Attempt(to, written(company or number or caller.identity.user))
    asserted = written(company) if choice == "both" and company else None
    return Attempt(to, written(number), asserted)
