"""Why something is allowed or refused. Slow and complete, and it always agrees with ``check``."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Literal, TypeAlias

from msgspec import Struct
from msgspec.structs import replace

from switchroom.foundation.events import UtcSeconds
from switchroom.permissions.catalog import Catalog
from switchroom.permissions.check import allows, holds, is_among
from switchroom.permissions.compile import compile_authority
from switchroom.permissions.declare import Permission
from switchroom.permissions.lines import EVERYWHERE, Line, live_lines
from switchroom.permissions.model import Authority, Binding, Effect, Role, Row
from switchroom.permissions.reach import Reach

Code: TypeAlias = Literal[
    "allowed",
    "implicit_deny",
    "explicit_deny",
    "out_of_scope",
    "token_ceiling",
    "plan_ceiling",
    "expired_binding",
    "mfa_required",
    "customer_frozen",
    "disabled",
]
"""``mfa_required`` is never the code here: it depends on the log-in, not on authority."""


class Reason(Struct, frozen=True):
    """One statement or restriction that speaks to the question."""

    effect: Effect
    via: Literal["role", "restriction"]
    id: str
    "Of the binding or the restriction."
    role: str
    "Name of the role; empty for a restriction."
    statement: str
    scope: str
    client_ids: tuple[str, ...] = ()


class Decision(Struct, frozen=True):
    """The answer, and what it rests on."""

    permission: str
    allowed: bool
    code: Code
    because: tuple[Reason, ...]
    "All that allow it and all that deny it, for the row or, without one, for any."
    held: tuple[str, ...]
    "What else is held on the same kind of thing."
    roles_that_would: tuple[str, ...]
    "Ids of roles that, bound for the whole customer, would allow it. Empty if it is allowed."


def explain(
    authority: Authority,
    catalog: Catalog,
    permission: Permission | str,
    row: Row | None,
    now: UtcSeconds,
    roles: Sequence[Role] = (),
) -> Decision:
    """Decide as ``check`` does and say why. Without a row: may it be done to anything at all?

    Args:
        roles: Those to look through for one that would help.

    Raises:
        UnknownPatternError: There is no such permission.
    """
    question = _Question(catalog, catalog.bit(permission), row, now)
    name = catalog.names(question.bit)[0]
    resource = catalog.expand_deny(f"{catalog.permission(name).resource}:*")
    held = compile_authority(authority, catalog, now).held & resource
    is_allowed = question.is_allowed(authority)
    code = "allowed" if is_allowed else _code(question, authority)
    speaking = _not_in_force if code == "expired_binding" else _speaking
    return Decision(
        name,
        is_allowed,
        code,
        tuple(_reason(line) for line in speaking(question, authority)),
        catalog.names(held),
        () if is_allowed else _roles_that_would(question, authority, roles),
    )


def why_not(decision: Decision) -> str:
    """A refusal in one sentence."""
    name = decision.permission
    match decision.code:
        case "explicit_deny":
            deny = next(one for one in decision.because if one.effect == "deny")
            by = "a restriction" if deny.via == "restriction" else f"the role {deny.role}"
            return f"{by} of yours denies {name}"
        case "out_of_scope":
            return f"your permission {name} does not reach this one"
        case "token_ceiling":
            return f"this access key may not do it: its ceiling leaves out {name}"
        case "plan_ceiling":
            return f"the customer's plan leaves out {name}"
        case "expired_binding":
            return f"the role that gives you {name} is not in force: it has ended, or begins later"
        case "customer_frozen":
            return f"the customer is frozen: nobody may do {name} until it is recovered"
        case "disabled":
            return "this account may not be used here"
        case _:
            return f"you need the permission {name}"


def who_can(
    authorities: Iterable[Authority],
    catalog: Catalog,
    permission: Permission | str,
    row: Row | None,
    now: UtcSeconds,
) -> tuple[tuple[str, Decision], ...]:
    """Who of them may, by principal id, each with the decision about him."""
    asked = ((one.principal_id, explain(one, catalog, permission, row, now)) for one in authorities)
    return tuple((principal, decision) for principal, decision in asked if decision.allowed)


class _Question(Struct, frozen=True):
    catalog: Catalog
    bit: int
    row: Row | None
    now: UtcSeconds

    def is_allowed(self, authority: Authority) -> bool:
        compiled = compile_authority(authority, self.catalog, self.now)
        if self.row is None:
            return holds(compiled, self.bit)
        return allows(compiled, self.bit, self.row)


def _code(question: _Question, authority: Authority) -> Code:
    """What stands in the way: the first thing without which it would have been allowed."""
    if authority.is_disabled:
        return "disabled"
    thawed = replace(authority, is_frozen=False)
    unlimited = replace(thawed, plan=None)
    bare = replace(unlimited, token=None)
    free = replace(bare, restrictions=(), bindings=tuple(map(_without_denies, bare.bindings)))
    always = replace(free, bindings=tuple(map(_without_limits, free.bindings)))
    without: tuple[tuple[Code, Authority], ...] = (
        ("customer_frozen", thawed),
        ("plan_ceiling", unlimited),
        ("token_ceiling", bare),
        ("explicit_deny", free),
        ("expired_binding", always),
    )
    for code, other in without:
        if question.is_allowed(other):
            return code
    named = any(line.mask & question.bit for line in _live(question, free))
    return "out_of_scope" if named else "implicit_deny"


def _without_denies(binding: Binding) -> Binding:
    allows_only = tuple(one for one in binding.role.statements if one.effect == "allow")
    return replace(binding, role=replace(binding.role, statements=allows_only))


def _without_limits(binding: Binding) -> Binding:
    return replace(binding, not_before=None, expires_at=None)


def _live(question: _Question, authority: Authority) -> Iterator[Line]:
    return live_lines(authority, question.catalog, question.now)


def _speaking(question: _Question, authority: Authority) -> list[Line]:
    """The lines that decide, or else those that would if they reached so far."""
    named = [line for line in _live(question, authority) if line.mask & question.bit]
    deciding = [line for line in named if _reaches(question, authority, line)]
    return deciding or named


def _not_in_force(question: _Question, authority: Authority) -> list[Line]:
    """Of bindings that have ended or not begun."""
    always = replace(authority, bindings=tuple(map(_without_limits, authority.bindings)))
    return [line for line in _live(question, always) if line.mask & question.bit]


def _reaches(question: _Question, authority: Authority, line: Line) -> bool:
    catalog, bit, row = question.catalog, question.bit, question.row
    reach = Reach((line,), line.effect, catalog)
    if line.effect == "deny" and reach.everywhere & bit:
        return True
    if reach.project & catalog.platform & bit:
        return True
    rows = reach.rows(bit & catalog.within_customers)
    if row is None:
        return bool(rows)
    compiled = compile_authority(authority, catalog, question.now)
    return row.customer_id == authority.customer_id and is_among(rows, compiled, row)


def _roles_that_would(
    question: _Question, authority: Authority, roles: Iterable[Role]
) -> tuple[str, ...]:
    """A role that is bound helps against neither a deny nor a ceiling."""
    found = []
    for role in roles:
        binding = Binding("", role, EVERYWHERE)
        if question.is_allowed(replace(authority, bindings=(*authority.bindings, binding))):
            found.append(role.id)
    return tuple(found)


def _reason(line: Line) -> Reason:
    return Reason(
        line.effect,
        "restriction" if line.role is None else "role",
        line.id,
        "" if line.role is None else line.role.name,
        line.pattern,
        line.scope.kind,
        tuple(sorted(line.scope.client_ids)),
    )
