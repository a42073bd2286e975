"""schemathesis over the whole API as every built-in role: no 5xx, nothing that is not documented.

``make fuzz-api``, or for a few minutes ``make fuzz-api-short``; arguments are pytest's.
"""

from collections.abc import Iterator
from itertools import count
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from schemathesis import Case
from schemathesis.generation.meta import TestPhase

from fakes.effort import FACTOR, cases
from fakes.quiet_web import quiet_web
from fakes.tcp_client import TcpClient
from fakes.two_customers import ASKERS, two_customers
from fuzz.everybody import Everybody

schema = schemathesis.openapi.from_dict(quiet_web().openapi())
_turns = count()


@pytest.fixture(scope="module")
def everybody() -> Iterator[Everybody]:
    with two_customers(TcpClient) as world:
        made = Everybody(world)
        yield made
        made.close()


@schema.parametrize()
@settings(
    max_examples=cases(3),
    phases=[Phase.explicit, Phase.generate],
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_documented(case: Case[Any], everybody: Everybody) -> None:
    everybody.ask(case, _askers(case))


def _askers(case: Case[Any]) -> tuple[str, ...]:
    """Everybody; in a short run one for each of the thousands of cases at the edge of a type."""
    everyone = tuple(ASKERS)
    if FACTOR > 1 or case.meta is None or case.meta.phase.name != TestPhase.COVERAGE:
        return everyone
    turn = next(_turns)
    # Most of the others are refused before anybody looks at what they sent.
    return ("owner",) if turn % 3 else (everyone[turn // 3 % len(everyone)],)
