"""Built-in roles are sums of grants, and mistakes in a grant stop the start."""

import pytest

from switchroom.permissions.catalog import Catalog, UnknownPatternError
from switchroom.permissions.declare import Feature, Grant, Resource
from switchroom.permissions.model import Statement
from switchroom.permissions.roles import builtin_roles, is_builtin


def feature(name: str, *grants: Grant) -> Feature:
    resource = Resource(name, attributes=("owner",))
    resource.may("get", "See it")
    return Feature((resource,), grants)


def test_a_role_is_the_sum_of_what_features_grant() -> None:
    first = feature("calls", Grant("agent", ("calls:get",), "own"))
    second = feature("faxes", Grant("agent", ("faxes:get",)), Grant("agent", ("faxes:get",)))
    (agent,) = builtin_roles(Catalog([first, second]))
    assert agent.id == "builtin:agent"
    assert is_builtin(agent.id)
    assert agent.customer_id == ""
    assert agent.statements == (
        Statement("allow", "calls:get", "own"),
        Statement("allow", "faxes:get"),
    )


def test_a_grant_to_an_unknown_role_stops_the_start() -> None:
    with pytest.raises(ValueError, match="agnet"):
        builtin_roles(Catalog([feature("calls", Grant("agnet", ("calls:get",)))]))


def test_a_grant_of_what_does_not_exist_stops_the_start() -> None:
    with pytest.raises(UnknownPatternError):
        builtin_roles(Catalog([feature("calls", Grant("agent", ("calls:gte",)))]))
