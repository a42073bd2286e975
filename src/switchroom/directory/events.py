"""Facts about configuration: what came, changed or went, whoever wrote it. Nothing secret."""

from typing import ClassVar, Literal, TypeAlias

from msgspec import Struct, defstruct

from switchroom.foundation.events import Fact

Happening: TypeAlias = Literal["created", "updated", "deleted"]


class Belongs(Struct, frozen=True, omit_defaults=True, gc=False):
    """Whose a thing is, beside its customer's; decides who may hear of it."""

    agent_id: str = ""
    tag_ids: tuple[str, ...] = ()
    client_id: str = ""


class ConfigurationFact(Fact, frozen=True, kw_only=True, omit_defaults=True):
    """A thing of the configuration was created, updated or deleted; read it to know what it is."""

    id_field: ClassVar[str] = "id"

    id: str
    name: str
    "As people know it: a name, a user name, a number, a prefix."
    agent_id: str = ""
    "The agent whose it is, if it is one's."
    tag_ids: tuple[str, ...] = ()
    client_id: str = ""
    was: Belongs | None = None
    "Whose it was before, if that has changed."


def _facts(noun: str, resource: str, also: tuple[str, ...] = ()) -> dict[Happening, type]:
    happenings: tuple[Happening, ...] = ("created", "updated", "deleted")
    return {
        happening: defstruct(
            f"{noun.capitalize()}{happening.capitalize()}",
            (),
            bases=(ConfigurationFact,),
            namespace={
                "resource": resource,
                "also": also if happening != "updated" else (),
                "__doc__": f"One of {resource.replace('_', ' ')} was {happening}.",
            },
            module=__name__,
            frozen=True,
            kw_only=True,
            omit_defaults=True,
            tag=f"{noun}.{happening}",
        )
        for happening in happenings
    }


FACTS: dict[str, dict[Happening, type[ConfigurationFact]]] = {
    resource: _facts(noun, resource, also)
    for noun, resource, also in (
        ("customer", "customers", ()),
        ("client", "clients", ()),
        ("tag", "tags", ()),
        ("extension", "extensions", ()),
        ("trunk", "trunks", ()),
        ("route", "routes", ()),
        ("agent", "agents", ("agent_status",)),
        ("address", "agent_addresses", ()),
        ("group", "groups", ()),
        ("number", "numbers", ()),
    )
}
"The kinds of fact by resource."
