"""The active customer's part of everything, and documents that are about it alone."""

from collections.abc import Iterator
from itertools import chain

from switchroom.directory.model import Configuration, Customer
from switchroom.foundation.fields import path_of
from switchroom.store.apply.document import CustomerPart, Document
from switchroom.store.apply.fault import Fault, Location
from switchroom.store.apply.yaml_tree import Tree
from switchroom.store.resources.problems import ids_of, only
from switchroom.store.stored import Stored


def part_of(stored: Stored, customer_id: str) -> Stored:
    """What is stored of one customer: with it, and of it."""
    own = only(stored.configuration, customer_id)
    ids = set(ids_of(own))
    return Stored(
        own,
        {id: origin for id, origin in stored.origins.items() if id in ids},
        tuple(role for role in stored.roles if role.customer_id == customer_id),
        {id: held for id, held in stored.held.items() if id in ids},
    )


def with_part(everything: Configuration, own: Configuration, customer_id: str) -> Configuration:
    """Everything, with this instead of what the customer has; others come first.

    Whoever comes second is told that something is taken already: that must be the customer.
    """
    mine = set(ids_of(only(everything, customer_id)))
    lists = {
        noun: tuple(
            chain(
                (one for one in getattr(everything, noun) if one.id not in mine),
                getattr(own, noun),
            )
        )
        for noun in everything.__struct_fields__
    }
    return Configuration(**lists)


def about(document: Document, customer: Customer) -> Document:
    """The same document; what it leaves open about the customer itself stays as it is."""
    parts = (
        part.model_copy(update={"default": customer.is_default}) for part in document.customers
    )
    return document.model_copy(update={"customers": tuple(parts)})


def strays(document: Document, tree: Tree, customer: Customer) -> list[Fault]:
    """Where the document is about more than the customer's own things."""
    here: Location = ("customers",)
    if len(document.customers) != 1:
        text = f"must have {customer.name} and nothing else: that is the customer you work in"
        return [Fault(tree.line_of(here), path_of(here), text)]
    part = document.customers[0]
    return [
        Fault(tree.line_of((*here, 0, field)), path_of((*here, 0, field)), text)
        for field, text in _strays(part, customer)
    ]


def _strays(part: CustomerPart, customer: Customer) -> Iterator[tuple[str, str]]:
    if part.name != customer.name:
        yield "name", f"must be {customer.name}: that is the customer you work in"
        return
    stays = f"; a document does not change it, PATCH /v1/customers/{customer.id} does"
    if part.domain.lower().removesuffix(".") != customer.domain:
        yield "domain", f"is {customer.domain}{stays}"
    if part.country.upper() != customer.country:
        yield "country", f"is {customer.country}{stays}"
    if part.default is not None and part.default != customer.is_default:
        yield "default", "which customer is the default one is said on the platform's machine"
