"""YAML that is read, and YAML that is refused."""

import pytest

from switchroom.store.apply.fault import Fault
from switchroom.store.apply.yaml_tree import LARGEST_FILE, Tree, Value, read_yaml


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("country: NO", {"country": "NO"}),
        ("number: +12025550100", {"number": "+12025550100"}),
        ("number: 0123", {"number": "0123"}),
        ("time: 12:30", {"time": "12:30"}),
        (
            "a:\nb: ~\nc: null\nd: ''\ne: 'null'",
            {"a": None, "b": None, "c": None, "d": "", "e": "null"},
        ),
        ("[a, {b: [c]}]", ["a", {"b": ["c"]}]),
        ("", None),
        ("# nothing", None),
        ("---\na: 1\n...", {"a": "1"}),
    ],
)
def test_words_stay_as_written(text: str, value: Value) -> None:
    tree = read_yaml(text)

    assert isinstance(tree, Tree)
    assert tree.value == value


def test_every_field_knows_its_line() -> None:
    tree = read_yaml("a:\n  - b: 1\n\n  - b: 2\n    c: {d: 3}\n")

    assert isinstance(tree, Tree)
    assert tree.line_of(("a", 1, "b")) == 4
    assert tree.line_of(("a", 1, "c", "d")) == 5
    assert tree.line_of(("a", 0, "missing")) == 2
    assert tree.line_of(()) == 1


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("a: &x 1\nb: *x", "line 2: b: aliases (*name) are not allowed"),
        ("a: 1\nb: 2\na: 3", "line 3: a: is given twice, first in line 1"),
        ("a: [{b: 1, b: 2}]", "line 1: a[0].b: is given twice"),
        ("a: !!python/object:os.system x", "line 1: a: tags (tag:yaml.org,2002:python"),
        ("a: !!int 1", "line 1: a: tags (tag:yaml.org,2002:int) are not allowed"),
        ("? [a]\n: b", "line 1: a key must be a word"),
        ("*a : b", "line 1: a key must be a word"),
        ("a: 1\n---\nb: 2", "line 2: the file has a second document"),
        ("a: [1", "line 2: is not YAML:"),
        ("a: 1\n b: 2", "line 2: is not YAML:"),
        ("a: \x00", "is not YAML:"),
        ("a: \ud800", "is not YAML:"),
        ("[" * 100_000, "line 1: "),
        ("a: " + "x" * LARGEST_FILE, "the file has more than 4 MiB"),
        ("é" * (LARGEST_FILE // 2 + 1), "the file has more than 4 MiB"),
    ],
)
def test_what_a_configuration_never_needs_is_refused(text: str, fault: str) -> None:
    found = read_yaml(text)

    assert isinstance(found, Fault)
    assert str(found).startswith(fault)
