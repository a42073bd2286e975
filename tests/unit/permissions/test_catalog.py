"""The catalogue is closed: patterns name what it has, and everything else is an error."""

import pytest

from fakes.permission_catalog import small_catalog
from switchroom.permissions.catalog import Catalog, UnknownPatternError, bits
from switchroom.permissions.declare import Alias, Feature, Resource

CATALOG = small_catalog()


@pytest.mark.parametrize(
    ("pattern", "names"),
    [
        ("calls:hangup", ("calls:hangup",)),
        ("calls:*", ("calls:get", "calls:hangup", "calls:list")),
        ("calls:read", ("calls:get", "calls:list")),
        ("*:update", ("numbers:update", "trunks:update")),
        ("*:read", ("calls:get", "calls:list", "customers:get", "numbers:get", "system:get",
                    "trunks:get")),
        ("calls:listen", ("calls:listen",)),
        ("calls:end", ("calls:hangup",)),
    ],
)  # fmt: skip
def test_a_pattern_grants(pattern: str, names: tuple[str, ...]) -> None:
    assert CATALOG.names(CATALOG.expand(pattern)) == names


def test_a_sensitive_permission_is_granted_by_its_name_alone() -> None:
    assert not CATALOG.expand("*:*") & CATALOG.sensitive
    assert CATALOG.expand("*:*") | CATALOG.sensitive == CATALOG.all


def test_a_deny_covers_sensitive_permissions_too() -> None:
    assert CATALOG.expand_deny("*:*") == CATALOG.all
    assert CATALOG.expand_deny("calls:*") & CATALOG.bit("calls:listen")


@pytest.mark.parametrize(
    "pattern",
    ["calls:hangupp", "call:hangup", "calls", "", ":", "*", "calls:", ":get", "calls:*:*",
     "calls:h*", "*:nothing", "nothing:*", "trunks:read:", "CALLS:get", " calls:get",
     "calls:get\n", "*:*" + "*" * 200, "c" * 10_000],
)  # fmt: skip
def test_what_names_nothing_is_an_error(pattern: str) -> None:
    with pytest.raises(UnknownPatternError):
        CATALOG.expand(pattern)
    with pytest.raises(UnknownPatternError):
        CATALOG.expand_deny(pattern)


def test_an_error_says_what_may_have_been_meant() -> None:
    with pytest.raises(UnknownPatternError, match="did you mean calls:hangup"):
        CATALOG.expand("calls:hangupp")


@pytest.mark.parametrize("pattern", ["calls:*", "calls:read", "*:hangup"])
def test_a_pattern_is_no_permission_and_the_error_says_which_there_are(pattern: str) -> None:
    with pytest.raises(UnknownPatternError) as refused:
        CATALOG.bit(pattern)
    said = str(refused.value)
    assert said.startswith(f"'{pattern}' is a pattern, and one permission is wanted here")
    assert "; did you mean calls:" in said
    assert "*" not in said.partition("did you mean")[2]


def test_a_pattern_of_sensitive_ones_only_is_an_error_that_names_them() -> None:
    with pytest.raises(UnknownPatternError, match="did you mean calls:listen"):
        CATALOG.expand("*:listen")
    assert CATALOG.names(CATALOG.expand_deny("*:listen")) == ("calls:listen",)


def test_a_former_name_is_the_permission_of_today() -> None:
    assert CATALOG.bit("calls:end") == CATALOG.bit("calls:hangup")
    assert CATALOG.permission("calls:end").name == "calls:hangup"
    assert [alias.deprecated_at for alias in CATALOG.aliases] == ["0.2"]


def test_names_and_bits_are_one_to_one() -> None:
    names = [permission.name for permission in CATALOG.permissions]
    assert CATALOG.names(CATALOG.all) == tuple(sorted(names))
    assert {CATALOG.bit(name) for name in names} == set(bits(CATALOG.all))


def test_unknown_names_are_errors() -> None:
    with pytest.raises(UnknownPatternError):
        CATALOG.bit("calls:read")
    with pytest.raises(UnknownPatternError):
        CATALOG.permission("calls:nothing")
    with pytest.raises(UnknownPatternError):
        CATALOG.resource("nothing")


def _resource(name: str, *verbs: str) -> Resource:
    resource = Resource(name)
    for verb in verbs:
        resource.may(verb, "Do it")
    return resource


@pytest.mark.parametrize(
    "features",
    [
        [Feature((_resource("calls", "get"), _resource("calls", "list")))],
        [Feature((_resource("calls", "get", "get"),))],
        [Feature((_resource("calls", "read"),))],
        [Feature((_resource("calls", "Get"),))],
        [Feature((_resource("ca:lls", "get"),))],
        [Feature((_resource("calls", "get"),), aliases=(Alias("calls:see", "calls:look", "1"),))],
        [Feature((_resource("calls", "get"),), aliases=(Alias("calls:get", "calls:get", "1"),))],
        [Feature((Resource("nodes", attributes=("owner",), is_platform=True),))],
        [Feature((Resource("nodes", is_within_customers=False),))],
    ],
)
def test_a_contradiction_stops_the_start(features: list[Feature]) -> None:
    with pytest.raises(ValueError, match=r"."):
        Catalog(features)
