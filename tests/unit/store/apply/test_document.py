"""The guide is true: it names every field with its default, and its examples can be applied."""

import re
from pathlib import Path
from time import process_time
from typing import Any

import pytest
from pydantic import BaseModel

from fakes.configuration import EXAMPLE, configured
from switchroom.store.apply import document
from switchroom.store.apply.document import read_document
from switchroom.store.apply.fault import shortened
from switchroom.store.apply.yaml_tree import Tree, read_yaml

GUIDE = (Path(__file__).parents[4] / "docs" / "guides" / "configuration.md").read_text()
EXAMPLES = re.findall(r"^```yaml\n(.*?)^```", GUIDE, re.DOTALL | re.MULTILINE)
SECTIONS: dict[str, type[BaseModel]] = {
    "Customer": document.CustomerPart,
    "Client": document.ClientPart,
    "Tag": document.TagPart,
    "Extension": document.ExtensionPart,
    "Trunk": document.TrunkPart,
    "Route": document.RoutePart,
    "Role": document.RolePart,
    "Agent": document.AgentPart,
    "Address": document.AddressPart,
    "Group": document.GroupPart,
    "Number": document.NumberPart,
}


@pytest.mark.parametrize("example", EXAMPLES)
def test_the_guides_examples_can_be_applied(example: str) -> None:
    with configured() as database:
        result = database.apply(example)

    assert result.faults == ()
    assert result.applied


def test_the_guide_begins_with_the_example_that_is_tested_everywhere() -> None:
    assert EXAMPLES[0] == EXAMPLE


@pytest.mark.parametrize("name", SECTIONS)
def test_the_guide_names_every_field_and_its_default(name: str) -> None:
    section = re.search(rf"^### {name}: .*?(?=^##)", GUIDE, re.DOTALL | re.MULTILINE)
    assert section is not None
    rows = dict(re.findall(r"^\| (\S.*?) \| (.*?)\|", section[0], re.MULTILINE))
    for field, described in SECTIONS[name].model_fields.items():
        row = next(cell for cell in rows if f"`{field}`" in cell)
        assert row.startswith("**") == described.is_required()
        if plain := _plain(described.default):
            assert plain in rows[row]


def _plain(default: Any) -> str:
    """A default as the guide writes it; empty for those that it says in words."""
    match default:
        case bool():
            return f"`{str(default).lower()}`"
        case int() | float():
            return f"`{default:g}`"
        case str() if default:
            return f"`{default}`"
        case (_, *_):
            return f"`[{', '.join(default)}]`"
    return ""


def test_nothing_behind_a_key_is_not_given() -> None:
    tree = read_yaml("customers:\n- {name: a, domain: b, country: US, clients: , default: }")
    assert isinstance(tree, Tree)

    found, faults = read_document(tree)

    assert faults == []
    assert found is not None
    assert found.customers[0].clients == ()


def test_a_file_full_of_faults_is_answered_as_fast_as_one_that_is_right() -> None:
    lines = "".join(f"  wrong{place:05}: x\n" for place in range(20_000))
    tree = read_yaml(f"customers:\n- name: a\n  domain: b\n  country: US\n{lines}")
    assert isinstance(tree, Tree)
    began = process_time()

    found, faults = read_document(tree)

    # A hint for each of them would take some seconds, and only the first are ever shown.
    assert process_time() - began < 1.0
    assert found is None
    told = shortened(faults)
    assert [one.line for one in told] == [*range(5, 25), 0]
    assert told[0].text == "there is no such field"
    assert told[-1].text == "and 19980 more"
