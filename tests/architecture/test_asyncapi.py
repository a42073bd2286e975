"""The description of events is the code's: nobody edits it, and nothing is missing in it."""

import json
from pathlib import Path
from typing import Any

from switchroom.app.asyncapi import document
from switchroom.app.catalog import catalog
from switchroom.app.facts import kinds

KEPT = Path(__file__).parents[2] / "docs" / "asyncapi.json"


def test_the_kept_document_is_current() -> None:
    assert KEPT.read_text("utf-8") == document(), "run `make asyncapi`"


def test_every_reference_leads_somewhere() -> None:
    root = json.loads(document())
    found = list(references(root))

    assert len(found) > 50
    for reference in found:
        place = root
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_kind_of_fact_is_in_it_with_its_permissions() -> None:
    schemas = json.loads(document())["components"]["schemas"]
    for name, kind in kinds().items():
        told = schemas[f"event.{name}"]["x-permission"]
        assert told == sorted(f"{one}:get" for one in kind.resources)
        for permission in told:
            assert catalog().bit(permission)


def references(value: Any) -> list[str]:
    if isinstance(value, dict):
        own = [value["$ref"]] if "$ref" in value else []
        return own + [one for inner in value.values() for one in references(inner)]
    if isinstance(value, list):
        return [one for inner in value for one in references(inner)]
    return []
