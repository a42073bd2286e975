"""What platform staff may do in a customer that they have switched into."""

from collections.abc import Iterator

from msgspec.structs import replace

from switchroom.permissions.lines import EVERYWHERE
from switchroom.permissions.model import Authority, Binding, Role, Statement


def switched(home: Authority, customer_id: str) -> Authority:
    """The authority in ``customer_id`` of somebody who holds bindings at the scope ``project``.

    Those count for the whole of that customer, and for nothing beyond it; no other binding allows
    anything there. Whatever is denied at home, on whichever rows, is denied there altogether.
    """
    return replace(
        home,
        customer_id=customer_id,
        tag_ids=frozenset(),
        bindings=tuple(there for binding in home.bindings for there in _carried(binding)),
        restrictions=tuple(replace(one, scope=EVERYWHERE) for one in home.restrictions),
    )


def _carried(binding: Binding) -> Iterator[Binding]:
    denies = tuple(one for one in binding.role.statements if one.effect != "allow")
    kept = tuple(replace(one, scope=None) for one in denies)
    if binding.scope.kind == "project":
        # Without what is fixed to own or team: staff own nothing and are in no team there.
        kept += tuple(one for one in binding.role.statements if _is_unfixed_allow(one))
    if kept:
        role: Role = replace(binding.role, statements=kept)
        yield replace(binding, role=role, scope=EVERYWHERE)


def _is_unfixed_allow(statement: Statement) -> bool:
    return statement.effect == "allow" and statement.scope is None
