"""A customer whose people try to change each other's authority, by random steps.

The rules of granting say yes or no; what is said yes to is done. After each step the real power of
everybody, row by row, is compared with what it was: that knows nothing of the rules.
"""

from collections.abc import Callable, Iterator
from functools import lru_cache
from itertools import product
from random import Random

from msgspec import Struct
from msgspec.structs import replace

from switchroom.permissions import grant
from switchroom.permissions.catalog import Catalog, bits
from switchroom.permissions.check import allows
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.declare import Feature, Resource
from switchroom.permissions.grant import Asker, Refusal
from switchroom.permissions.grant.accounts import RECENT_S
from switchroom.permissions.lines import granted, is_known
from switchroom.permissions.model import (
    Authority,
    Binding,
    Restriction,
    Role,
    Row,
    Scope,
    Statement,
)
from switchroom.permissions.switch import switched

HOME, ABROAD = "acme", "globex"
PEOPLE = ("olga", "adam", "lena", "max", "sam")
TIMES = (0.0, 10.0, 20.0, 30.0)
EDGES = (None, None, None, 5.0, 15.0, 25.0)
EVERYWHERE = Scope("customer")


class BrokenError(AssertionError):
    """An invariant that does not hold; its name comes first."""


def five_permissions() -> Catalog:
    """So few that random steps meet each of them all the time."""
    return Catalog([Feature(_core())])


def more_permissions() -> Catalog:
    """The same and some more, with patterns that match several."""
    numbers = Resource("numbers", attributes=("client",))
    numbers.may("get", "See a number")
    numbers.may("update", "Change a number")
    trunks = Resource("trunks")
    trunks.may("get", "See a trunk")
    system = Resource("system", is_platform=True, is_within_customers=False)
    system.may("get", "See the system")
    return Catalog([Feature((*_core(), numbers, trunks, system))])


def _core() -> tuple[Resource, ...]:
    calls = Resource("calls", attributes=("owner", "tags", "client"))
    calls.may("get", "See a call")
    calls.may("listen", "Listen to a call", sensitive=True)
    agents = Resource("agents", attributes=("owner", "tags"))
    agents.may("set_tags", "Say which teams an agent is in", sensitive=True)
    clients = Resource("clients", attributes=("client",))
    clients.may("use", "Give a client to a number")
    customers = Resource("customers", is_platform=True)
    customers.may("freeze", "Freeze a customer", sensitive=True)
    return calls, agents, clients, customers


ROWS = tuple(
    Row(customer, frozenset(owners), frozenset(tags), client)
    for customer, owners, tags, client in product(
        (HOME, ABROAD),
        ((), ("olga",), ("adam",), ("max", "lena"), ("sam",)),
        ((), ("t1",), ("t2",)),
        ("", "c1", "c2"),
    )
)


@lru_cache(maxsize=4096)
def power(authority: Authority, catalog: Catalog, now: float) -> int:
    """Everything that it allows, here and where staff may switch to: one bit per thing and row."""
    mask = 0
    for one in (authority, *_elsewhere(authority)):
        compiled = compile_authority(replace(one, is_disabled=False), catalog, now)
        for place, (bit, row) in enumerate(product(bits(catalog.all), ROWS)):
            if allows(compiled, bit, row):
                mask |= 1 << place
    return mask


def _without_denies(authority: Authority) -> Authority:
    bindings = []
    for one in authority.bindings:
        allowed = tuple(each for each in one.role.statements if each.effect == "allow")
        bindings.append(replace(one, role=replace(one.role, statements=allowed)))
    return replace(authority, bindings=tuple(bindings), restrictions=())


def _elsewhere(authority: Authority) -> Iterator[Authority]:
    if authority.customer_id == HOME:
        yield switched(authority, ABROAD)


class Turn(Struct, frozen=True):
    """Who tries something."""

    asker: Asker
    mine: int
    "His power now."
    acting: Authority
    "His authority, with the ceiling of a key if he comes with one."


class AdminWorld:
    """Five people of one customer, one of them a guest in another, and their roles."""

    def __init__(self, random: Random, catalog: Catalog) -> None:
        self.random, self.catalog, self.now = random, catalog, 0.0
        # Half of the worlds are about few things, so that these meet often.
        self.attempts = random.sample(ATTEMPTS, random.choice((3, len(ATTEMPTS))))
        few = random.choice((2, len(catalog.permissions)))
        self.permissions = random.sample(catalog.permissions, few)
        names = [permission.name for permission in catalog.permissions]
        within = catalog.names(catalog.within_customers & ~catalog.platform)
        everything = tuple(Statement("allow", name) for name in within)
        self.builtin = {
            "builtin:owner": Role("builtin:owner", "owner", everything),
            "builtin:staff": Role(
                "builtin:staff", "staff", tuple(Statement("allow", name) for name in names)
            ),
        }
        self.roles = {f"r{number}": self._role(f"r{number}") for number in range(3)}
        self.home = {name: self._authority(name) for name in PEOPLE}
        owner = Binding("first", self.builtin["builtin:owner"], EVERYWHERE)
        # Who is peculiar acts, or is acted on, more often than the others.
        self.actors, self.victims = list(PEOPLE), list(PEOPLE)
        if random.random() < 0.5:
            self.home["adam"] = self._specialist("adam")
            self.actors += ["adam"] * 5
        if random.random() < 0.5:
            self.home["max"] = self._team_member("max")
            self.victims += ["max"] * 5
        self.home["olga"] = replace(self.home["olga"], bindings=(owner,), restrictions=())
        if random.random() < 0.5:
            staff = Binding("staff", self.builtin["builtin:staff"], Scope("project"))
            self.home["sam"] = replace(
                self.home["sam"], bindings=(*self.home["sam"].bindings, staff)
            )
        self.abroad = replace(self._authority("max"), customer_id=ABROAD)
        self.counter = 0

    # What people are

    def _role(self, id: str) -> Role:
        statements = tuple(
            Statement(
                self.random.choice(("allow", "allow", "deny")),
                self._pattern(),
                self.random.choice((None, None, None, "own", "team")),
            )
            for _ in range(self.random.choice((1, 1, 2, 3)))
        )
        return Role(id, id, statements, HOME)

    def _pattern(self) -> str:
        permission = self.random.choice(self.permissions)
        return self.random.choice((permission.name, permission.name, f"{permission.resource}:*"))

    def _scope(self) -> Scope:
        kind = self.random.choice(("own", "team", "clients", "clients", "customer", "customer"))
        if self.random.random() < 0.1:
            kind = self.random.choice(("project", "galaxy"))
        count = self.random.choice((1, 1, 2))
        clients = frozenset(self.random.sample(("c1", "c2"), count))
        return Scope(kind, clients if kind == "clients" else frozenset())  # type: ignore[arg-type]

    def _any_role(self) -> Role:
        peculiar = [role for id, role in self.roles.items() if id.startswith("only")]
        return self.random.choice([*self.roles.values(), *peculiar * 3, *self.builtin.values()])

    def _binding(self, id: str) -> Binding:
        begin, end = self.random.choice(EDGES), self.random.choice(EDGES)
        if begin is not None and end is not None and end <= begin:
            end = None
        return Binding(id, self._any_role(), self._scope(), begin, end)

    def _authority(self, name: str) -> Authority:
        random = self.random
        bindings = tuple(self._binding(f"{name}{n}") for n in range(random.choice((0, 1, 2, 3))))
        restrictions = tuple(
            Restriction(f"{name}x{n}", self._pattern(), self._known_scope())
            for n in range(random.choice((0, 0, 1)))
        )
        tags = frozenset(random.sample(("t1", "t2"), random.choice((0, 1, 1, 2))))
        disabled = random.random() < 0.1
        return Authority(name, HOME, tags, bindings, restrictions, is_disabled=disabled)

    def _specialist(self, name: str) -> Authority:
        """Somebody who holds one thing: for the whole customer, or for a client but not his own."""
        names = [permission.name for permission in self.catalog.permissions]
        names += ["agents:set_tags"] * 3
        is_lead = self.random.random() < 0.3
        permission = self.random.choice(("calls:get", "calls:listen") if is_lead else names)
        role = Role(f"only {name}", f"only {name}", (Statement("allow", permission),), HOME)
        self.roles[role.id] = role
        was = self.home[name]
        if not is_lead:
            return replace(was, bindings=(*was.bindings, Binding(f"{name}s", role, EVERYWHERE)))
        client = Binding(f"{name}s", role, Scope("clients", frozenset({"c1"})))
        own = Restriction(f"{name}s", permission, Scope("own"))
        return replace(was, bindings=(client,), restrictions=(own,))

    def _team_member(self, name: str) -> Authority:
        """Somebody for whom one thing depends on his tags."""
        permission, was = self.random.choice(self.permissions).name, self.home[name]
        allow, deny = Statement("allow", permission), Statement("deny", permission, "team")
        statements = self.random.choice(((allow,), (allow, deny)))
        role = Role(f"team {name}", f"team {name}", statements, HOME)
        scope = Scope("team") if len(statements) == 1 else EVERYWHERE
        return replace(was, bindings=(Binding(f"{name}t", role, scope),), restrictions=())

    def _known_scope(self) -> Scope:
        scope = self._scope()
        return scope if is_known(scope) else EVERYWHERE

    # What they can

    def times(self) -> tuple[float, ...]:
        return tuple(time for time in TIMES if time >= self.now)

    def powers(self) -> dict[str, tuple[int, ...]]:
        """Of everybody, from now on."""
        return {
            name: tuple(self._all_power(name, time) for time in self.times()) for name in PEOPLE
        }

    def _all_power(self, name: str, time: float) -> int:
        mask = power(self.home[name], self.catalog, time)
        return mask | (power(self.abroad, self.catalog, time) if name == "max" else 0)

    def ever(self, authority: Authority) -> int:
        """All that it comes to if nobody changes it."""
        mask = 0
        for time in self.times():
            mask |= power(authority, self.catalog, time)
        return mask

    def of(self, permission: str, row: Row) -> int:
        """The bit of a power."""
        place = list(self.catalog.names(self.catalog.all)).index(permission) * len(ROWS)
        return 1 << (place + ROWS.index(row))

    def on_every_row(self, permission: str) -> int:
        mask = 0
        for row in ROWS:
            if row.customer_id == HOME:
                mask |= self.of(permission, row)
        return mask

    # One step

    def step(self) -> None:
        """Somebody tries something. Raises ``BrokenError`` if a rule lets through too much."""
        self.counter += 1
        if self.random.random() < 0.15:
            self.now = self.random.choice(self.times())
        who = self.random.choice(self.actors)
        acting = self.home[who]
        if self.random.random() < 0.15:
            count = self.random.choice((1, 2))
            acting = replace(acting, token=tuple(self._pattern() for _ in range(count)))
        acting = replace(acting, is_disabled=False)
        compiled = compile_authority(acting, self.catalog, self.now)
        asker = Asker(who, compiled, self.catalog, self.now)
        turn = Turn(asker, power(acting, self.catalog, self.now), acting)
        before, builtin = self.powers(), dict(self.builtin)
        attempt = self.random.choice(self.attempts)
        attempt(self, turn)
        self._compare(attempt.__name__, turn, before)
        if builtin != self.builtin:
            raise BrokenError("a built-in role was changed")

    def _compare(self, step: str, turn: Turn, before: dict[str, tuple[int, ...]]) -> None:
        who, mine = turn.acting.principal_id, turn.mine
        for name, powers in self.powers().items():
            for was, is_now in zip(before[name], powers, strict=True):
                if is_now & ~was & ~mine:
                    raise BrokenError(
                        f"escalation: {name} gained by {step} what {who} does not hold"
                    )
                if name != who and was & ~is_now & ~mine:
                    raise BrokenError(f"sabotage: {name} lost by {step} what {who} does not hold")

    def _dominated(self, step: str, mine: int, target: Authority) -> None:
        if self.ever(target) & ~mine:
            raise BrokenError(f"sabotage: {step} of {target.principal_id}, who can do more")

    def _holders(self, role: Role) -> list[Authority]:
        return [
            one
            for one in self.home.values()
            if any(binding.role.id == role.id for binding in one.bindings)
        ]

    def _victim(self) -> Authority:
        return self.home[self.random.choice(self.victims)]

    def try_bind(self, turn: Turn) -> None:
        target, binding = self._victim(), self._binding(f"n{self.counter}")
        if grant.bind(turn.asker, target, binding.role, binding.scope):
            return
        if not is_known(binding.scope):
            raise BrokenError("a role was bound at a scope that is not known")
        if binding.scope.kind == "project" and not any(
            one.scope.kind == "project" for one in turn.acting.bindings
        ):
            raise BrokenError("a role was bound for the platform from inside a customer")
        denies = any(one.effect == "deny" for one in binding.role.statements)
        if denies and target.principal_id != turn.acting.principal_id:
            self._dominated("binding of a deny", turn.mine, target)
        self._put(replace(target, bindings=(*target.bindings, binding)))

    def try_unbind(self, turn: Turn) -> None:
        target = self._victim()
        if not target.bindings:
            return
        binding = self.random.choice(target.bindings)
        kept = tuple(one for one in target.bindings if one.id != binding.id)
        after = replace(target, bindings=kept)
        left = [after if one is target else one for one in self.home.values()]
        refusal = grant.unbind(turn.asker, target, binding)
        if grant.is_owner(target, self.now) and not grant.is_owner(after, self.now):
            refusal = refusal or grant.last_owner(turn.asker, left)
        if refusal:
            return
        if target.principal_id != turn.acting.principal_id:
            self._dominated("unbinding", turn.mine, target)
        self._put(after)
        self._keep_owner(target, after)

    def _keep_owner(self, was: Authority, is_now: Authority) -> None:
        """Whoever gave up owning did not do so as the last one."""
        role = self.builtin["builtin:owner"].id

        def owns(one: Authority) -> bool:
            return any(
                binding.role.id == role
                and binding.scope == EVERYWHERE
                and binding.expires_at is None
                and (binding.not_before or 0.0) <= self.now
                for binding in one.bindings
            )

        enabled = [one for one in self.home.values() if not one.is_disabled]
        if not was.is_disabled and owns(was) and not owns(is_now) and not any(map(owns, enabled)):
            raise BrokenError("the customer lost its last owner")

    def try_restrict(self, turn: Turn) -> None:
        target = self._victim()
        restriction = Restriction(f"n{self.counter}", self._pattern(), self._scope())
        if grant.restrict(turn.asker, target, restriction):
            return
        if not is_known(restriction.scope):
            raise BrokenError("a restriction has a scope that is not known")
        if target.principal_id != turn.acting.principal_id:
            self._dominated("restricting", turn.mine, target)
        self._put(replace(target, restrictions=(*target.restrictions, restriction)))

    def try_lift(self, turn: Turn) -> None:
        target = self._victim()
        if not target.restrictions:
            return
        restriction = self.random.choice(target.restrictions)
        if grant.lift(turn.asker, target, restriction) is None:
            kept = tuple(one for one in target.restrictions if one.id != restriction.id)
            self._put(replace(target, restrictions=kept))

    def try_edit_role(self, turn: Turn) -> None:
        before = self._any_role()
        after = replace(self._role(before.id), name=before.name, customer_id=before.customer_id)
        if self.random.random() < 0.5:
            kept = [one for one in before.statements if self.random.random() < 0.7]
            after = replace(after, statements=(*kept, *after.statements))
        if grant.edit_role(turn.asker, before, after, self._holders(before)):
            return
        (self.builtin if before.id in self.builtin else self.roles)[before.id] = after
        for holder in self._holders(before):
            bindings = (
                replace(one, role=after) if one.role.id == before.id else one
                for one in holder.bindings
            )
            self._put(replace(holder, bindings=tuple(bindings)))

    def try_create_role(self, turn: Turn) -> None:
        role = self._role(f"n{self.counter}")
        if grant.create_role(turn.asker, role) is None:
            self.roles[role.id] = role
        if grant.create_role(turn.asker, replace(role, id="builtin:agent")) is None:
            raise BrokenError("a built-in role was made")

    def try_delete_role(self, turn: Turn) -> None:
        role = self._any_role()
        if grant.delete_role(turn.asker, role, self._holders(role)):
            return
        (self.builtin if role.id in self.builtin else self.roles).pop(role.id)
        for holder in self._holders(role):
            kept = tuple(one for one in holder.bindings if one.role.id != role.id)
            self._put(replace(holder, bindings=kept))
        if not self.roles:
            self.roles["r0"] = Role("r0", "r0", (Statement("allow", "calls:get"),), HOME)

    def try_set_tags(self, turn: Turn) -> None:
        target = self._victim()
        if grant.set_tags(turn.asker, target):
            return
        if self.on_every_row("agents:set_tags") & ~turn.mine:
            raise BrokenError("tags were set by somebody who may not do so everywhere")
        tags = frozenset(self.random.sample(("t1", "t2"), self.random.choice((0, 1, 2))))
        self._put(replace(target, tag_ids=tags))

    def try_take_over(self, turn: Turn) -> None:
        target = self._victim()
        serves = [target, self.abroad] if target.principal_id == "max" else [target]
        if grant.dominate(turn.asker, serves) is None:
            for one in serves:
                if self.ever(one) & ~turn.mine:
                    raise BrokenError(f"takeover of {target.principal_id}, who can do more")

    def try_issue_key(self, turn: Turn) -> None:
        owner = self._victim()
        wanted = tuple(self._pattern() for _ in range(self.random.choice((1, 1, 2))))
        ceiling = tuple(one for one in wanted if granted(one, self.catalog))
        if grant.issue_key(turn.asker, owner, ceiling):
            return
        key = replace(owner, token=ceiling)
        if owner.principal_id != turn.acting.principal_id and self.ever(key) & ~turn.mine:
            raise BrokenError("a key of another can do more than who made it")
        if owner.principal_id == turn.acting.principal_id:
            for time in self.times():
                if power(key, self.catalog, time) & ~power(turn.acting, self.catalog, time):
                    raise BrokenError("a key can do more than the token that made it")
        for name in ceiling:
            named = replace(_without_denies(owner), token=(name,))
            if ":*" not in name and not self.ever(named):
                raise BrokenError("a key names what its owner does not hold")

    def try_move(self, turn: Turn) -> None:
        name = self.random.choice(self.catalog.permissions).name
        if grant.move(turn.asker, name) is None and self.on_every_row(name) & ~turn.mine:
            raise BrokenError("a row was moved by somebody who does not hold it everywhere")

    def try_refer(self, turn: Turn) -> None:
        row = self.random.choice(ROWS)
        plain = Row(row.customer_id, client_id=row.client_id)
        for resource, name in (("clients", "clients:use"), ("calls", "calls:get")):
            if grant.refer(turn.asker, resource, plain) is None and not turn.mine & self.of(
                name, plain
            ):
                raise BrokenError("something was led to what may not be seen")

    def try_second_factor(self, turn: Turn) -> None:
        shown = self.random.choice(
            (None, turn.asker.now - RECENT_S, turn.asker.now - 1, turn.asker.now + 1)
        )
        permission = self.catalog.permission("agents:set_tags")
        if grant.second_factor(turn.asker, permission, shown) is None and (
            shown is None or not 0 <= turn.asker.now - shown < RECENT_S
        ):
            raise BrokenError("a sensitive change without a recent second factor")

    def _put(self, authority: Authority) -> None:
        self.home[authority.principal_id] = authority


Attempt = Callable[[AdminWorld, Turn], None]

ATTEMPTS: tuple[Attempt, ...] = tuple(
    getattr(AdminWorld, name) for name in sorted(dir(AdminWorld)) if name.startswith("try_")
)


def search(catalog: Catalog, seeds: range, *, steps: int = 8) -> None:
    """Play one world per seed. Raises ``BrokenError`` with the first thing that is wrong."""
    for seed in seeds:
        world = AdminWorld(Random(seed), catalog)
        for _ in range(steps):
            world.step()


def refusals(catalog: Catalog, seeds: range) -> list[Refusal]:
    """What is refused in those worlds, for tests of what a refusal says."""
    found = []
    for seed in seeds:
        world = AdminWorld(Random(seed), catalog)
        compiled = compile_authority(world.home["adam"], catalog, 0)
        asker = Asker("adam", compiled, catalog, 0)
        for role in world.roles.values():
            refusal = grant.bind(asker, world.home["max"], role, EVERYWHERE)
            found += [refusal] if refusal else []
    return found
