"""No file, however odd, does anything but apply or be refused with faults that have a line."""

from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.configuration import EXAMPLE, Configured, configured

WORDS = sorted({word for word in EXAMPLE.replace(":", " ").split() if word.isalnum()})
words = st.sampled_from([*WORDS, "", "null", "+1", "-1", "1e999", "nan", "sip:", "env:", "ha1:"])
scalars = words | st.text(max_size=6) | st.integers() | st.floats() | st.none() | st.booleans()
trees = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=4),
    max_leaves=30,
)
LINES = EXAMPLE.splitlines(keepends=True)


@pytest.fixture(scope="module")
def database() -> Iterator[Configured]:
    with configured() as made:
        yield made


def check(database: Configured, text: str) -> None:
    result = database.apply(text, dry_run=True)
    for fault in result.faults:
        # YAML 1.1 ends lines with more than \n: with \r, NEL, and Unicode's separators.
        assert 0 <= fault.line <= sum(map(text.count, "\n\r\x85\u2028\u2029")) + 2
        assert fault.text


@settings(deadline=None)
@given(customers=trees)
def test_any_tree(database: Configured, customers: object) -> None:
    check(database, yaml.safe_dump({"customers": [customers]}))


@settings(deadline=None)
@given(text=st.text())
def test_any_text(database: Configured, text: str) -> None:
    check(database, text)


@settings(deadline=None, max_examples=200)
@given(
    line=st.integers(0, len(LINES) - 1),
    part=st.integers(0, 80),
    cut=st.integers(0, 20),
    new=words | st.text(max_size=4),
)
def test_any_damage_to_a_good_file(
    database: Configured, line: int, part: int, cut: int, new: str
) -> None:
    damaged = LINES[line][:part] + new + LINES[line][part + cut :]
    check(database, "".join([*LINES[:line], damaged, *LINES[line + 1 :]]))
