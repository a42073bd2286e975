"""Whether everything that a configuration points at exists, and no group contains itself."""

from collections.abc import Iterator, Mapping, Sequence

from switchroom.directory.model import (
    Agent,
    Client,
    Configuration,
    Extension,
    Group,
    Number,
    Tag,
    Target,
    Trunk,
)
from switchroom.directory.problem import Place, Problem

DEEPEST_GROUPS = 8
"How many groups may be inside each other."

Owners = Mapping[tuple[str, str], str]
"Kind and id of each thing, to the id of its customer."


def broken_references(configuration: Configuration) -> Iterator[Problem]:
    """A problem for each reference to nothing or to another customer's things.

    An empty id is a reference that its writer has already complained of.
    """
    owners = _owners(configuration)
    for number in configuration.numbers:
        yield from _of_number(number, owners)
    for group in configuration.groups:
        for index, member in enumerate(group.member_ids):
            kinds = ("agent", "group")
            if member and not _belongs(owners, kinds, member, group.customer_id):
                yield Problem(group.id, ("member_ids", index), "there is no such agent or group")
    for route in configuration.routes:
        for index, trunk in enumerate(route.trunk_ids):
            if trunk and not _belongs(owners, ("trunk",), trunk, route.customer_id):
                yield Problem(route.id, ("trunk_ids", index), "there is no such trunk")
    yield from _tags(configuration, owners)
    yield from _extension_addresses(configuration)


def group_loops(groups: Sequence[Group]) -> Iterator[Problem]:
    """A problem for each member that closes a loop (with the path) or nests too deeply."""
    known = {group.id: group for group in groups}
    settled: dict[str, int] = {}
    for group in groups:
        if group.id not in settled:
            yield from _walk(group, known, settled, [])


def _walk(
    group: Group, known: Mapping[str, Group], settled: dict[str, int], path: list[Group]
) -> Iterator[Problem]:
    path.append(group)
    depth = 1
    for index, inner in ((i, known[id]) for i, id in enumerate(group.member_ids) if id in known):
        place: Place = ("member_ids", index)
        if inner in path:
            loop = [*path[path.index(inner) :], inner]
            names = " > ".join(one.name for one in loop)
            yield Problem(group.id, place, f"this group would contain itself: {names}")
            continue
        if len(path) > DEEPEST_GROUPS:
            yield Problem(group.id, place, _too_deep())
            continue
        if inner.id not in settled:
            yield from _walk(inner, known, settled, path)
        depth = max(depth, 1 + settled.get(inner.id, 0))
        if depth > DEEPEST_GROUPS:
            yield Problem(group.id, place, _too_deep())
    settled[group.id] = min(depth, DEEPEST_GROUPS)
    path.pop()


def _too_deep() -> str:
    return f"more than {DEEPEST_GROUPS} groups are inside each other here"


def _owners(configuration: Configuration) -> Owners:
    kinds: dict[str, Sequence[Agent | Group | Extension | Trunk | Client | Tag]] = {
        "agent": configuration.agents,
        "group": configuration.groups,
        "extension": configuration.extensions,
        "trunk": configuration.trunks,
        "client": configuration.clients,
        "tag": configuration.tags,
    }
    return {(kind, one.id): one.customer_id for kind, all in kinds.items() for one in all}


def _belongs(owners: Owners, kinds: Sequence[str], id: str, customer_id: str) -> bool:
    return any(owners.get((kind, id)) == customer_id for kind in kinds)


def _of_number(number: Number, owners: Owners) -> Iterator[Problem]:
    if number.client_id and not _belongs(owners, ("client",), number.client_id, number.customer_id):
        yield Problem(number.id, ("client_id",), "there is no such client")
    targets: dict[str, Target | None] = {"to": number.to, "no_answer": number.no_answer}
    for field, target in targets.items():
        if target is None or not target.id:
            continue
        if not _belongs(owners, (target.kind,), target.id, number.customer_id):
            yield Problem(number.id, (field,), f"there is no such {target.kind}")


def _tags(configuration: Configuration, owners: Owners) -> Iterator[Problem]:
    tagged_things: list[Agent | Group] = [*configuration.agents, *configuration.groups]
    for tagged in tagged_things:
        for index, tag in enumerate(tagged.tag_ids):
            if tag and not _belongs(owners, ("tag",), tag, tagged.customer_id):
                yield Problem(tagged.id, ("tag_ids", index), "there is no such tag")


def _extension_addresses(configuration: Configuration) -> Iterator[Problem]:
    known = {(e.customer_id, e.number) for e in configuration.extensions}
    for agent in configuration.agents:
        for address in agent.addresses:
            there = (agent.customer_id, address.target) in known
            if address.type == "extension" and not there:
                text = f"there is no extension {address.target[:80]}"
                yield Problem(address.id, ("target",), text)
