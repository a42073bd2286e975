"""The configuration is in the way of nobody."""

import inspect

import msgspec
import pytest

from switchroom.directory import model

STRUCTS = [
    kind
    for _, kind in inspect.getmembers(model, inspect.isclass)
    if issubclass(kind, msgspec.Struct) and kind is not msgspec.Struct
]


@pytest.mark.parametrize("kind", STRUCTS)
def test_the_collector_of_cycles_need_not_look_at_it(kind: type[msgspec.Struct]) -> None:
    """It stops calls while it looks, and thousands of agents are much to look at."""
    assert not kind.__struct_config__.gc
