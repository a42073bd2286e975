"""What platform staff may do in a customer that they have switched into."""

from collections.abc import Iterator

from msgspec.structs import replace

from switchroom.permissions.lines import EVERYWHERE
from switchroom.permissions.model import Authority, Binding, Role


def switched(home: Authority, customer_id: str, *, is_frozen: bool) -> Authority:
    """The authority in ``customer_id`` of who holds bindings at the scope ``project`` at home.

    Those bindings count for the whole of that customer; no other binding allows anything there.
    Whatever is denied at home, on whichever rows, is denied there altogether.
    """
    return replace(
        home,
        customer_id=customer_id,
        tag_ids=frozenset(),
        bindings=tuple(there for binding in home.bindings for there in _carried(binding)),
        restrictions=tuple(replace(one, scope=EVERYWHERE) for one in home.restrictions),
        is_frozen=home.is_frozen or is_frozen,
    )


def _carried(binding: Binding) -> Iterator[Binding]:
    if binding.scope.kind == "project":
        yield binding
        yield replace(binding, role=_unfixed(binding.role), scope=EVERYWHERE)
    denies = _denies(binding.role)
    if denies.statements:
        yield replace(binding, role=denies, scope=EVERYWHERE)


def _denies(role: Role) -> Role:
    denies = (one for one in role.statements if one.effect != "allow")
    return replace(role, statements=tuple(replace(one, scope=None) for one in denies))


def _unfixed(role: Role) -> Role:
    """Without what is fixed to own or team: staff own nothing and are in no team there."""
    return replace(role, statements=tuple(one for one in role.statements if one.scope is None))
