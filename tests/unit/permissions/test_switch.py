"""Staff in a customer they switched into: what they hold for the platform, and nothing else."""

from fakes.permission_catalog import small_catalog
from switchroom.permissions.compile import Compiled, compile_authority
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Scope,
    Statement,
)
from switchroom.permissions.switch import switched

CATALOG = small_catalog()
STAFF = Role("r1", "staff", (Statement("allow", "*:*"), Statement("allow", "*:update", "own")))
BOUND = Binding("b1", STAFF, Scope("project"))


def there(*bindings: Binding, restrictions: tuple[Restriction, ...] = ()) -> Compiled:
    home = Authority("sam", "platform", frozenset({"t1"}), bindings, restrictions)
    return compile_authority(switched(home, "acme"), CATALOG, 0)


def test_what_is_held_for_the_platform_counts_for_the_whole_customer() -> None:
    compiled = there(BOUND)
    assert compiled.customer_id == "acme"
    assert compiled.full == CATALOG.expand("*:*") & CATALOG.within_customers
    assert compiled.project == 0


def test_what_is_held_at_home_counts_for_nothing_there() -> None:
    assert there(Binding("b2", STAFF, Scope("customer"))).held == 0


def test_what_is_denied_at_home_is_denied_there() -> None:
    hangup = CATALOG.bit("calls:hangup")
    restriction = Restriction("x1", "calls:hangup", Scope("own"))
    assert not there(BOUND, restrictions=(restriction,)).held & hangup
    deny = Role("r2", "no hang-up", (Statement("deny", "calls:hangup", "team"),))
    assert not there(BOUND, Binding("b3", deny, Scope("customer"))).held & hangup
