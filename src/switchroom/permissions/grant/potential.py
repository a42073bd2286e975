"""What authority can come to by itself: time passes, a pause ends, a freeze is lifted.

Who takes over another's account, or takes a deny off it, gains all of that, not what it is today.
"""

from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.lines import has_begun, has_ended
from switchroom.permissions.model import Authority, Binding


def potential(authority: Authority, catalog: Catalog, now: UtcSeconds) -> Compiled:
    """The most that it allows at any time from now on, if nobody changes it."""
    return compile_authority(_at_most(authority, now), catalog, now)


def undenied(authority: Authority, catalog: Catalog, now: UtcSeconds) -> Compiled:
    """The most that it would allow from now on without its denies."""
    most = _at_most(authority, now)
    bindings = tuple(_part(binding, denies=False) for binding in most.bindings)
    return compile_authority(replace(most, bindings=bindings, restrictions=()), catalog, now)


def _at_most(authority: Authority, now: UtcSeconds) -> Authority:
    bindings = []
    for binding in authority.bindings:
        if not has_ended(binding, now):
            bindings.append(_part(binding, denies=False))
        if has_begun(binding, now) and binding.expires_at is None:
            bindings.append(_part(binding, denies=True))
    return replace(
        authority, bindings=tuple(bindings), token=None, is_disabled=False, is_frozen=False
    )


def _part(binding: Binding, *, denies: bool) -> Binding:
    """Only what its role denies, or only what it allows, without a limit of time."""
    chosen = (one for one in binding.role.statements if (one.effect != "allow") == denies)
    role = replace(binding.role, statements=tuple(chosen))
    return replace(binding, role=role, not_before=None, expires_at=None)
