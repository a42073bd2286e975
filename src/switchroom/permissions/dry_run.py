"""What a change of authority would do to somebody, before it is made."""

from collections.abc import Iterator
from itertools import product

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import Catalog, bits
from switchroom.permissions.check import allows
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import Authority, Binding, Restriction, Role, Row
from switchroom.permissions.reach import Rows


class Difference(Struct, frozen=True):
    """One permission that would be held on other rows than today."""

    permission: str
    before: str
    "How far, in words: ``nothing``, ``own``, ``team``, ``clients zeta``, ``customer but own``."
    after: str
    is_gain: bool
    "Some row would come within reach."
    is_loss: bool
    "Some row would fall out of reach."


def dry_run(
    before: Authority, after: Authority, catalog: Catalog, now: UtcSeconds
) -> tuple[Difference, ...]:
    """Compare two authorities of one principal in one customer, as of ``now``."""
    was, will_be = (compile_authority(one, catalog, now) for one in (before, after))
    samples = tuple(_samples(was, will_be))
    found = (_difference(bit, was, will_be, samples) for bit in bits(was.held | will_be.held))
    return tuple(
        Difference(catalog.names(bit)[0], extent(was, bit), extent(will_be, bit), gain, loss)
        for bit, gain, loss in found
        if gain or loss
    )


def extent(compiled: Compiled, bit: int) -> str:
    """How far one permission is held, in words."""
    if compiled.project & bit:
        return "project"
    if compiled.full & bit:
        return "customer"
    condition = compiled.conditional.get(bit)
    if condition is None:
        return "nothing"
    denied = _words(condition.deny)
    return _words(condition.allow) + (f" but {denied}" if denied else "")


def _words(rows: Rows) -> str:
    words = ["customer"] if rows.all else []
    if rows.own and not rows.tagged:
        words.append("own")
    if rows.tagged:
        words.append("team" if rows.own else "tagged")
    if rows.client_ids:
        words.append(f"clients {', '.join(sorted(rows.client_ids))}")
    return " and ".join(words)


def _difference(
    bit: int, was: Compiled, will_be: Compiled, samples: tuple[Row, ...]
) -> tuple[int, bool, bool]:
    pairs = [(allows(was, bit, row), allows(will_be, bit, row)) for row in samples]
    return bit, (False, True) in pairs, (True, False) in pairs


def _samples(was: Compiled, will_be: Compiled) -> Iterator[Row]:
    """One row of every kind that the two can tell apart."""
    clients = {""}
    for compiled in (was, will_be):
        for condition in compiled.conditional.values():
            clients |= condition.allow.client_ids | condition.deny.client_ids
    tags = {frozenset[str](), *(frozenset({tag}) for tag in was.tag_ids | will_be.tag_ids)}
    owners = (frozenset[str](), frozenset({was.principal_id}))
    for owner_ids, tag_ids, client_id in product(owners, tags, clients):
        yield Row(was.customer_id, owner_ids, tag_ids, client_id)
    yield Row("")


def with_binding(authority: Authority, binding: Binding) -> Authority:
    """The same with one more binding, or with another in place of the one with its id."""
    kept = without_binding(authority, binding.id)
    return replace(kept, bindings=(*kept.bindings, binding))


def without_binding(authority: Authority, binding_id: str) -> Authority:
    """The same without this binding."""
    kept = (one for one in authority.bindings if one.id != binding_id)
    return replace(authority, bindings=tuple(kept))


def with_role(authority: Authority, role: Role) -> Authority:
    """The same if this role, by its id, were changed so."""
    bindings = (
        replace(one, role=role) if one.role.id == role.id else one for one in authority.bindings
    )
    return replace(authority, bindings=tuple(bindings))


def with_restriction(authority: Authority, restriction: Restriction) -> Authority:
    """The same with one more restriction."""
    return replace(authority, restrictions=(*authority.restrictions, restriction))


def without_restriction(authority: Authority, restriction_id: str) -> Authority:
    """The same without this restriction."""
    kept = (one for one in authority.restrictions if one.id != restriction_id)
    return replace(authority, restrictions=tuple(kept))
