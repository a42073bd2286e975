"""Says where a document asks for what its sender may not have: line, field, permission."""

from collections.abc import Iterable, Mapping, Sequence

from switchroom.foundation.fields import path_of
from switchroom.identity.model import Refused
from switchroom.permissions.grant import Refusal
from switchroom.store.apply.authority import NotAllowed
from switchroom.store.apply.fault import Fault, Location, shortened
from switchroom.store.apply.keys import names_of
from switchroom.store.apply.run import ApplyResult
from switchroom.store.apply.workspace import FIELDS
from switchroom.store.apply.yaml_tree import Tree
from switchroom.store.apply_as.needs import Need
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.rules import Broken
from switchroom.store.apply_as.things import ADDRESSES
from switchroom.store.stored import Stored

_CUSTOMER: Location = ("customers", 0)
_NOTHING = Tree(None, {}, has_lines=False)


class Report:
    """One document, with the names of the things in it and of those that are not in it any more."""

    def __init__(
        self,
        before: Stored,
        after: Stored,
        tree: Tree = _NOTHING,
        places: Mapping[str, Location] | None = None,
    ) -> None:
        self._names = names_of(before) | names_of(after)
        self._tree = tree
        self._places = places or {}

    def missing(self, needs: Sequence[Need]) -> Denied:
        """The permissions that changes need, field by field."""
        faults = {self._of_need(need): None for need in needs}
        return Denied(
            "missing_permissions",
            "you may not make all of these changes, so none was made",
            shortened(faults),
            _permissions(needs),
        )

    def missing_to_read(self, needs: Sequence[Need]) -> Denied:
        """Who does not see a thing would delete it without knowing."""
        permissions = _permissions(needs)
        faults = [
            self._fault((*_CUSTOMER, _list(name)), f"you need {name} for all of them")
            for name in permissions
        ]
        return Denied(
            "missing_permissions",
            "a document is about all that the customer has, and you may not see all of it",
            shortened(faults),
            permissions,
        )

    def second_factor(self, permissions: Sequence[str]) -> Denied:
        """E11: the same as its own route would ask for."""
        text = (
            f"show your second factor again: {', '.join(permissions)} must come within 15 minutes"
        )
        return Denied("mfa_required", text, missing=tuple(permissions))

    def broken(self, broken: Sequence[Broken]) -> Denied:
        """Rules of granting that the document breaks."""
        faults = [self._of(one.thing_id, one.place, one.refusal.text) for one in broken]
        return _escalation(faults, [one.refusal for one in broken])

    def not_allowed(self, refused: Sequence[NotAllowed]) -> Denied | ApplyResult:
        """What the writer of authority has refused: by a rule of granting, or as nonsense."""
        faults = [self._of(one.thing_id, (), one.text) for one in refused]
        if all(isinstance(one.refusal, Refused) for one in refused):
            return ApplyResult(faults=shortened(faults))
        return _escalation(faults, [one.refusal for one in refused])

    def _of_need(self, need: Need) -> Fault:
        if need.thing_id in self._places:
            return self._of(need.thing_id, need.place, f"you need {need.permission}")
        name = self._names.get(need.thing_id, need.thing_id)
        text = f"{name} is not in the document; to delete it you need {need.permission}"
        return self._fault((*_CUSTOMER, _list(need.permission)), text)

    def _of(self, thing_id: str, place: Location, text: str) -> Fault:
        at = self._places.get(thing_id)
        if at is None:
            return self._fault(_CUSTOMER, text)
        if not place:
            return self._fault(at, text)
        field, *rest = place
        return self._fault((*at, FIELDS.get(str(field), field), *rest), text)

    def _fault(self, place: Location, text: str) -> Fault:
        return Fault(self._tree.line_of(place), path_of(place), text)


def _escalation(faults: Iterable[Fault], refusals: Iterable[Refusal | Refused | None]) -> Denied:
    rules = [one for one in refusals if isinstance(one, Refusal)]
    missing = sorted({name for rule in rules for name in rule.missing})
    return Denied(
        "escalation",
        "the document would give or take what is not yours, so nothing was changed",
        shortened(faults),
        tuple(missing),
        rules[0].rule if rules else "",
    )


def _permissions(needs: Iterable[Need]) -> tuple[str, ...]:
    return tuple(sorted({need.permission for need in needs}))


def _list(permission: str) -> str:
    """The list of a customer's part in which things of this kind are."""
    resource = permission.partition(":")[0]
    return {ADDRESSES: "agents", "restrictions": "agents"}.get(resource, resource)
