"""How much of something the asker lacks. Nobody passes on what he does not hold himself.

What he is denied on any row he does not hold for this: so a restriction cannot be passed round.
"""

from functools import reduce
from operator import or_

from switchroom.permissions.compile import Compiled
from switchroom.permissions.grant.asker import Asker
from switchroom.permissions.reach import Reach


def lacks_in_customer(asker: Asker, mask: int) -> int:
    """The part that he does not hold for the whole of the active customer."""
    return mask & ~asker.compiled.full & ~asker.compiled.project


def lacks_beyond(asker: Asker, mask: int) -> int:
    """The part that he does not hold for the whole platform."""
    return mask & ~asker.compiled.beyond


def lacks_of_client(asker: Asker, client_id: str, mask: int) -> int:
    """The part that he holds neither for the whole customer nor for all of this client."""
    for bit, condition in asker.compiled.conditional.items():
        if client_id in condition.allow.client_ids and not condition.deny:
            mask &= ~bit
    return lacks_in_customer(asker, mask)


def lacks_of_reach(asker: Asker, allows: Reach) -> int:
    """The part of these allows that he could not have granted himself, scope by scope."""
    within = asker.catalog.within_customers
    # Own and team mean other rows for another holder, so they take the whole customer.
    relative = lacks_relative(asker, allows)
    of_clients = (lacks_of_client(asker, c, mask) for c, mask in allows.clients.items())
    return (
        lacks_in_customer(asker, allows.customer & within)
        | relative
        | reduce(or_, of_clients, 0)
        | lacks_beyond(asker, allows.project)
    )


def lacks_relative(asker: Asker, allows: Reach) -> int:
    """The part of what is granted for own or team rows that he lacks for the whole customer."""
    return lacks_in_customer(asker, allows.own | allows.tagged)


def lacks_of_holder(asker: Asker, holder: Compiled, mask: int) -> int:
    """The part of what somebody else holds that the asker does not, for the whole customer."""
    within, beyond = holder.held & mask, holder.beyond & mask
    if holder.customer_id != asker.compiled.customer_id:
        return lacks_beyond(asker, within | beyond)
    return lacks_in_customer(asker, within) | lacks_beyond(asker, beyond)
