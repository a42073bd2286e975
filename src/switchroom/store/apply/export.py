"""Writes the configuration as the file that ``apply`` reads; applying it changes nothing."""

from collections.abc import Sequence
from typing import Any

import msgspec
import yaml
from pydantic import BaseModel

from switchroom.directory.model import (
    Agent,
    Customer,
    Extension,
    Group,
    Number,
    Route,
    Target,
    Trunk,
)
from switchroom.permissions.model import Role
from switchroom.store.apply import written
from switchroom.store.apply.document import (
    AddressPart,
    AgentPart,
    ClientPart,
    CustomerPart,
    ExtensionPart,
    GroupPart,
    NumberPart,
    RolePart,
    RoutePart,
    TagPart,
    TrunkPart,
)
from switchroom.store.stored import Stored

Part = dict[str, Any]
_WIDTH = 100


def export(stored: Stored) -> str:
    """The YAML text. Passwords are references (``env:``, ``file:``) or ``ha1:``, never clear."""
    exporter = _Exporter(stored)
    customers = [exporter.customer(one) for one in stored.configuration.customers]
    return str(
        yaml.safe_dump(
            {"customers": customers},
            sort_keys=False,
            allow_unicode=True,
            default_flow_style=None,
            width=_WIDTH,
        )
    )


class _Exporter:
    def __init__(self, stored: Stored) -> None:
        self._stored = stored
        configuration = stored.configuration
        self._names = {
            **{role.id: role.name for role in stored.roles},
            **{client.id: client.name for client in configuration.clients},
            **{tag.id: tag.name for tag in configuration.tags},
            **{extension.id: extension.number for extension in configuration.extensions},
            **{trunk.id: trunk.name for trunk in configuration.trunks},
            **{agent.id: agent.username for agent in configuration.agents},
            **{group.id: group.name for group in configuration.groups},
        }

    def customer(self, customer: Customer) -> Part:
        everything = self._stored.configuration
        lists = {
            "clients": [_part(one, ClientPart) for one in _own(everything.clients, customer)],
            "tags": [_part(one, TagPart) for one in _own(everything.tags, customer)],
            "extensions": list(map(self._extension, _own(everything.extensions, customer))),
            "trunks": list(map(self._trunk, _own(everything.trunks, customer))),
            "routes": list(map(self._route, _own(everything.routes, customer))),
            "roles": list(map(self._role, _own(self._stored.roles, customer))),
            "agents": list(map(self._agent, _own(everything.agents, customer))),
            "groups": list(map(self._group, _own(everything.groups, customer))),
            "numbers": list(map(self._number, _own(everything.numbers, customer))),
        }
        # Said either way: the first customer of a file would be the default one by itself.
        default = {"default": customer.is_default}
        return _part(customer, CustomerPart) | default | {k: v for k, v in lists.items() if v}

    def _extension(self, extension: Extension) -> Part:
        password = self._stored.origin(extension.id).reference
        if not password:
            hashes = (extension.ha1_md5, extension.ha1_sha256)
            password = ":".join(["ha1", *filter(None, hashes)])
        return _part(extension, ExtensionPart, password=password)

    def _trunk(self, trunk: Trunk) -> Part:
        return _part(trunk, TrunkPart, password=self._stored.origin(trunk.id).reference)

    def _route(self, route: Route) -> Part:
        return _part(route, RoutePart, trunks=self._called(route.trunk_ids))

    def _agent(self, agent: Agent) -> Part:
        addresses = [_part(one, AddressPart) for one in agent.addresses]
        held = self._stored.held_by(agent.id)
        roles = [written.held_role(one, self._names) for one in held.roles]
        denies = [written.restriction(one, self._names) for one in held.restrictions]
        part = _part(
            agent,
            AgentPart,
            addresses=addresses,
            tags=tuple(sorted(self._called(agent.tag_ids))),
            password=self._stored.origin(agent.id).reference,
            roles=sorted(roles, key=written.shown),
            restrictions=sorted(denies, key=written.shown),
        )
        if not denies:
            del part["restrictions"]
        return part

    def _role(self, role: Role) -> Part:
        lines = {
            effect: tuple(written.statement(one) for one in role.statements if one.effect == effect)
            for effect in ("allow", "deny")
        }
        return _part(role, RolePart, **lines)

    def _group(self, group: Group) -> Part:
        members, tags = self._called(group.member_ids), sorted(self._called(group.tag_ids))
        return _part(group, GroupPart, members=members, tags=tuple(tags))

    def _number(self, number: Number) -> Part:
        return _part(
            number,
            NumberPart,
            number=number.e164,
            client=self._names.get(number.client_id),
            to=self._target(number.to),
            no_answer=self._target(number.no_answer) if number.no_answer else None,
        )

    def _target(self, target: Target) -> Part:
        return {target.kind: self._names[target.id]}

    def _called(self, ids: Sequence[str]) -> list[str]:
        return [self._names[id] for id in ids]


def _own(things: Sequence[Any], customer: Customer) -> list[Any]:
    return [thing for thing in things if thing.customer_id == customer.id]


def _part(thing: msgspec.Struct, form: type[BaseModel], **given: Any) -> Part:
    """The thing in a file's form: its fields and the given ones, without those at their default."""
    found: Part = {}
    for name, field in form.model_fields.items():
        value = given[name] if name in given else getattr(thing, name, field.default)
        if value != field.default:
            found[name] = _plain(value)
    return found


def _plain(value: Any) -> Any:
    """As a person would write it: lists, and ``30`` for 30.0."""
    if isinstance(value, float) and value.is_integer():
        return int(value)
    return list(value) if isinstance(value, tuple) else value
