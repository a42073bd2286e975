"""The house that the tests of identity's services visit."""

import pytest
from sqlalchemy import Engine

from fakes.identity import House


@pytest.fixture
def house(engine: Engine) -> House:
    return House(engine)
