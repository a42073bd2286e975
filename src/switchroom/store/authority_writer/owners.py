"""A customer that has an owner keeps one."""

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from switchroom.permissions import grant
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.grant import Asker, Refusal
from switchroom.permissions.model import Authority
from switchroom.store.authority_writer.change import Change


def refusal_without(change: Change, target: Authority, binding_id: str) -> Refusal | None:
    """Would nobody own the customer without this binding of ``target``?"""
    left = tuple(one for one in target.bindings if one.id != binding_id)
    return refusal_if(change, {target.principal_id: replace(target, bindings=left)})


def refusal_if(change: Change, changed: dict[str, Authority]) -> Refusal | None:
    """Would nobody own the customer if these principals' authority were this?

    Nothing is said of a customer that nobody owns as it is: the operator set it up so.
    """
    before = change.holders(builtin="owner")
    if not any(grant.is_owner(one, change.now) for one in before):
        return None
    after = [changed.get(one.principal_id, one) for one in before]
    return grant.last_owner(_anybody(change), after)


def without(change: Change, principal_ids: Iterable[str]) -> dict[str, Authority]:
    """These principals as if they were gone."""
    return {id: Authority(id, change.customer_id, is_disabled=True) for id in principal_ids}


def _anybody(change: Change) -> Asker:
    # The rule binds the operator as well, and asks nothing of who asks.
    nobody: Sequence[str] = ()
    authority = Authority("", change.customer_id, token=tuple(nobody))
    compiled = compile_authority(authority, change.catalog, change.now)
    return Asker("anybody", compiled, change.catalog, change.now)
