"""What happens to a document while somebody else changes the configuration."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext

import yaml

from fakes.ids import CountingIds
from fakes.two_customers import TwoCustomers, two_customers
from switchroom.app.applying import access
from switchroom.identity.model import Actor
from switchroom.permissions.compile import compile_authority
from switchroom.store.apply.credentials import LocalCredentials
from switchroom.store.apply.means import Means
from switchroom.store.apply.run import ApplyResult
from switchroom.store.apply_as.refusal import Denied
from switchroom.store.apply_as.run import Around, CustomerDocuments, Principal, Sent
from switchroom.store.authority import load_authority
from switchroom.store.vault import Vault

ACCESS = access()


def owner(world: TwoCustomers) -> Principal:
    with world.world.engine.connect() as connection:
        authority = load_authority(connection, "acme-owner", "acme", builtin=ACCESS.builtin)
    compiled = compile_authority(authority, ACCESS.catalog, world.world.now)
    actor = Actor(
        "acme-owner", "acme", "acme-owner@acme.example", "session", "acme-owner@acme", compiled
    )
    return Principal(actor, "request", lambda _: False)


def documents(
    world: TwoCustomers, admission: Callable[[], AbstractContextManager[bool]]
) -> CustomerDocuments:
    def means(principal: Principal) -> Means:
        now, actor = world.world.now, principal.actor
        return Means(
            CountingIds(), LocalCredentials({}), ACCESS, lambda text: text, now, actor, "request"
        )

    around = Around(world.world.engine, {}, Vault(world.directory), admission, means)
    return CustomerDocuments(around)


def with_new_password(text: str) -> Sent:
    """A document for which something slow is done between planning and writing."""
    document = yaml.safe_load(text)
    document["customers"][0]["agents"][0]["password"] = "quite a long pass phrase"
    return Sent(yaml.safe_dump(document))


def test_it_is_planned_anew_on_what_is_stored_then() -> None:
    with two_customers() as world:
        others: Iterator[str] = iter(["night"])

        def admission() -> AbstractContextManager[bool]:
            for name in others:
                world.world.insert("tags", id=name, customer_id="acme", name=name, text="")
            return nullcontext(enter_result=True)

        desk = documents(world, admission)
        text = desk.export(owner(world))
        assert isinstance(text, str)
        done = desk.apply(owner(world), with_new_password(text))

        assert isinstance(done, ApplyResult)
        assert [f"{one.action} {one.kind} {one.name}" for one in done.changes] == [
            "update agent acme-admin@acme.example",
            "delete tag acme/night",
        ]


def test_somebody_who_never_stops_is_given_way() -> None:
    with two_customers() as world:
        ids = CountingIds()

        def admission() -> AbstractContextManager[bool]:
            id = ids.token()
            world.world.insert("tags", id=id, customer_id="acme", name=id, text="")
            return nullcontext(enter_result=True)

        desk = documents(world, admission)
        text = desk.export(owner(world))
        assert isinstance(text, str)
        done = desk.apply(owner(world), with_new_password(text))

        assert isinstance(done, Denied)
        assert done.code == "conflict"
