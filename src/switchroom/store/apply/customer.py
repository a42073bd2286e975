"""Builds the part of the configuration that one customer of a file asks for."""

from collections.abc import Mapping, Sequence

from switchroom.directory.model import (
    Address,
    Agent,
    Client,
    Configuration,
    Customer,
    Extension,
    Group,
    Number,
    Route,
    Tag,
    Target,
    TargetKind,
    Trunk,
)
from switchroom.directory.numbering import normalise
from switchroom.directory.sources import read_network
from switchroom.directory.validate import DIAL_CLASSES
from switchroom.permissions.model import Role
from switchroom.store.apply.access import AccessBuilder
from switchroom.store.apply.document import (
    AddressPart,
    AgentPart,
    CustomerPart,
    ExtensionPart,
    GroupPart,
    NumberPart,
    RoutePart,
    TargetPart,
    TrunkPart,
)
from switchroom.store.apply.fault import Location
from switchroom.store.apply.keys import PLATFORM_WIDE, Key
from switchroom.store.apply.workspace import Workspace
from switchroom.store.secret import Hashed, Unreadable
from switchroom.store.stored import Held, Origin


class _Named:
    """The ids of all things of one kind, by position in the file and by name."""

    __slots__ = ("ids", "names")

    def __init__(self, names: Sequence[str], ids: Sequence[str]) -> None:
        self.ids = ids
        # Of two with the same name the first is meant; the second is refused anyway.
        self.names: Mapping[str, str] = dict(reversed(list(zip(names, ids, strict=True))))


class CustomerBuilder:
    """One customer. Ids are claimed before anything is built: references may point forward."""

    def __init__(
        self, workspace: Workspace, part: CustomerPart, index: int, *, is_default: bool
    ) -> None:
        self.origins: dict[str, Origin] = {}
        self.passwords: dict[str, str] = {}
        "By agent id: the passwords that the file gives."
        self.roles: tuple[Role, ...] = ()
        self.held: dict[str, Held] = {}
        self._workspace = workspace
        self._credentials = workspace.means.credentials
        self._before = workspace.before
        self._homes = {(one.id, one.customer_id) for one in self._before.configuration.agents}
        self._part = part
        self._at: Location = ("customers", index)
        id = workspace.claim(("customer", part.name), self._at)
        self._access = AccessBuilder(workspace, id, self._at)
        domain = part.domain.lower().removesuffix(".")
        self._customer = Customer(id, part.name, domain, part.country.upper(), is_default)
        self._clients = self._claim("client", [one.name for one in part.clients])
        self._tags = self._claim("tag", [one.name for one in part.tags])
        self._extensions = self._claim("extension", [one.number for one in part.extensions])
        self._trunks = self._claim("trunk", [one.name for one in part.trunks])
        self._routes = self._claim("route", [one.prefix for one in part.routes])
        self._agents = self._claim("agent", [one.username.lower() for one in part.agents])
        self._groups = self._claim("group", [one.name for one in part.groups])
        self._numbers = self._claim("number", [self._e164(one.number) for one in part.numbers])

    def configuration(self) -> Configuration:
        """The customer and everything that is his; faults are noted in the workspace."""
        part, id = self._part, self._customer.id
        self.roles = self._access.roles(part)
        for index, one in enumerate(part.agents):
            self._log_in(index, one)
        return Configuration(
            customers=(self._customer,),
            clients=tuple(
                Client(own, id, one.name)
                for own, one in zip(self._clients.ids, part.clients, strict=True)
            ),
            tags=tuple(
                Tag(own, id, one.name, one.text)
                for own, one in zip(self._tags.ids, part.tags, strict=True)
            ),
            extensions=tuple(map(self._extension, range(len(part.extensions)), part.extensions)),
            trunks=tuple(map(self._trunk, range(len(part.trunks)), part.trunks)),
            routes=tuple(map(self._route, range(len(part.routes)), part.routes)),
            agents=tuple(map(self._agent, range(len(part.agents)), part.agents)),
            groups=tuple(map(self._group, range(len(part.groups)), part.groups)),
            numbers=tuple(map(self._number, range(len(part.numbers)), part.numbers)),
        )

    def _claim(self, kind: str, names: Sequence[str]) -> _Named:
        keys: list[Key] = [
            (kind, name) if kind in PLATFORM_WIDE else (kind, self._customer.id, name)
            for name in names
        ]
        places: list[Location] = [(*self._at, f"{kind}s", index) for index in range(len(names))]
        return _Named(names, list(map(self._workspace.claim, keys, places)))

    def _extension(self, index: int, part: ExtensionPart) -> Extension:
        id = self._extensions.ids[index]
        hashed = Hashed("")
        found = self._credentials.of_extension(
            part.password, id, part.number, self._customer.domain
        )
        if isinstance(found, Unreadable):
            self._workspace.fault((*self._at, "extensions", index, "password"), found.text)
        else:
            hashed, self.origins[id] = found
        return Extension(
            id,
            self._customer.id,
            part.number,
            hashed.md5,
            hashed.sha256,
            part.max_contacts,
            _dial(part.dial),
        )

    def _trunk(self, index: int, part: TrunkPart) -> Trunk:
        id, password, origin = self._trunks.ids[index], "", Origin()
        # Without a user name a password is no use: then none is not one that stays.
        if part.password or part.username:
            found = self._credentials.of_trunk(part.password, id)
            if isinstance(found, Unreadable):
                self._workspace.fault((*self._at, "trunks", index, "password"), found.text)
                password = "unreadable"  # so that nobody complains that there is none
            else:
                password, origin = found
        if origin != Origin():
            self.origins[id] = origin
        return Trunk(
            id,
            self._customer.id,
            part.name,
            part.hosts,
            tuple(map(_network, part.allow_from)),
            part.number_format,
            part.username,
            password,
            self._e164(part.caller_id),
        )

    def _route(self, index: int, part: RoutePart) -> Route:
        trunks = tuple(
            self._find("trunk", name, self._trunks, ("routes", index, "trunks", position))
            for position, name in enumerate(part.trunks)
        )
        return Route(self._routes.ids[index], self._customer.id, part.prefix, trunks)

    def _agent(self, index: int, part: AgentPart) -> Agent:
        place: Location = (*self._at, "agents", index, "addresses")
        addresses = tuple(
            self._address(one, (*place, position)) for position, one in enumerate(part.addresses)
        )
        return Agent(
            self._agents.ids[index],
            self._customer.id,
            part.username.lower(),
            part.name,
            addresses,
            part.number,
            part.ring_method,
            part.ring_timeout_s,
            part.capacity,
            part.follow_redirects,
            tag_ids=self._tagged(part.tags, ("agents", index)),
        )

    def _log_in(self, index: int, part: AgentPart) -> None:
        """What the agent may do and his password; of what is not said stays what there was."""
        id, place = self._agents.ids[index], (*self._at, "agents", index)
        # Who comes from another customer begins anew: what he held there was that customer's.
        was_here = (id, self._customer.id) in self._homes
        before = self._before.held_by(id) if was_here else None
        held = self._access.held(part, place, self._clients.names, before)
        if held != Held():
            self.held[id] = held
        if not part.password:
            if self._before.origin(id) != Origin():
                self.origins[id] = self._before.origin(id)
            return
        found = self._credentials.of_agent(part.password, id, part.username)
        if isinstance(found, Unreadable):
            self._workspace.fault((*place, "password"), found.text)
            return
        password, self.origins[id] = found
        if password:
            self.passwords[id] = password

    def _address(self, part: AddressPart, place: Location) -> Address:
        target = self._e164(part.target) if part.type == "tel" else part.target
        return Address(
            self._workspace.claim(("address", self._customer.id, part.type, target), place),
            part.type,
            target,
            part.enabled,
            part.delay_s,
            part.timeout_s,
            part.caller_id,
            part.confirm,
        )

    def _group(self, index: int, part: GroupPart) -> Group:
        members = tuple(
            self._member(name, ("groups", index, "members", position))
            for position, name in enumerate(part.members)
        )
        return Group(
            self._groups.ids[index],
            self._customer.id,
            part.name,
            members,
            part.number,
            part.ring_method,
            part.ring_timeout_s,
            self._tagged(part.tags, ("groups", index)),
        )

    def _tagged(self, names: Sequence[str], place: Location) -> tuple[str, ...]:
        """The ids of these tags, in one order, so that writing them in another is no change."""
        found = {
            self._find("tag", name, self._tags, (*place, "tags", position))
            for position, name in enumerate(names)
        }
        return tuple(sorted(found - {""}))

    def _member(self, name: str, place: Location) -> str:
        if "@" in name:
            return self._find("agent", name.lower(), self._agents, place)
        return self._find("group", name, self._groups, place)

    def _number(self, index: int, part: NumberPart) -> Number:
        place: Location = ("numbers", index)
        client = ""
        if part.client is not None:
            client = self._find("client", part.client, self._clients, (*place, "client"))
        no_answer = None
        if part.no_answer is not None:
            no_answer = self._target(part.no_answer, (*place, "no_answer"))
        return Number(
            self._numbers.ids[index],
            self._customer.id,
            self._e164(part.number),
            self._target(part.to, (*place, "to")),
            client,
            no_answer,
        )

    def _target(self, part: TargetPart, place: Location) -> Target:
        kinds: dict[TargetKind, tuple[str | None, _Named]] = {
            "agent": (part.agent.lower() if part.agent else None, self._agents),
            "group": (part.group, self._groups),
            "extension": (part.extension, self._extensions),
        }
        given = [(kind, name, known) for kind, (name, known) in kinds.items() if name is not None]
        if len(given) != 1:
            text = "name one agent, one group or one extension"
            self._workspace.fault((*self._at, *place), text)
            return Target("agent", "")
        kind, name, known = given[0]
        return Target(kind, self._find(kind, name, known, (*place, kind)))

    def _find(self, kind: str, name: str, known: _Named, place: Location) -> str:
        return self._workspace.find(kind, name, known.names, (*self._at, *place))

    def _e164(self, text: str) -> str:
        """E.164 if it is a telephone number; else as it is, which the validation refuses."""
        return normalise(text, self._customer.country) or text


def _network(text: str) -> str:
    network = read_network(text)
    return text if network is None else str(network)


def _dial(classes: Sequence[str]) -> tuple[str, ...]:
    """In one order, so that writing them in another is no change; unknown ones stay in place."""
    if not set(classes) <= set(DIAL_CLASSES):
        return tuple(classes)
    return tuple(one for one in DIAL_CLASSES if one in classes)
