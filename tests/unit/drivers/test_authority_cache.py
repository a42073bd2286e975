"""Compiled authority is kept while it is true, and never more than there is room for."""

from msgspec.structs import replace

from fakes.permission_catalog import small_catalog
from switchroom.drivers.authority_cache import LastUsedAuthorities
from switchroom.identity.ports import CacheKey
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import Authority

KEY = CacheKey("alice", "acme", "s1", 1, 1, must_enrol=False)
COMPILED = compile_authority(Authority("alice", "acme"), small_catalog(), 0.0)


def test_it_is_found_under_its_key_and_no_other() -> None:
    cache = LastUsedAuthorities()
    cache.put(KEY, COMPILED)

    assert cache.get(KEY, 1e12) is COMPILED
    for other in (
        replace(KEY, principal_id="bob"),
        replace(KEY, customer_id="zeta"),
        replace(KEY, token_id="s2"),
        replace(KEY, customer_epoch=2),
        replace(KEY, agent_epoch=2),
        replace(KEY, must_enrol=True),
    ):
        assert cache.get(other, 0.0) is None


def test_it_is_good_until_a_binding_begins_or_ends() -> None:
    cache = LastUsedAuthorities()
    ending: Compiled = replace(COMPILED, valid_until=5.0)
    cache.put(KEY, ending)

    assert cache.get(KEY, 4.9) is ending
    assert cache.get(KEY, 5.0) is None
    assert len(cache) == 0


def test_what_was_used_longest_ago_goes_first() -> None:
    cache = LastUsedAuthorities(limit=2)
    keys = [replace(KEY, token_id=name) for name in "abc"]
    cache.put(keys[0], COMPILED)
    cache.put(keys[1], COMPILED)
    cache.get(keys[0], 0.0)
    cache.put(keys[2], COMPILED)

    assert [cache.get(key, 0.0) is not None for key in keys] == [True, False, True]
