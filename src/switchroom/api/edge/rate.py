"""How often: one bucket for each asker, in tables that cannot grow.

The headers are those of draft-ietf-httpapi-ratelimit-headers: ``RateLimit-Policy`` and
``RateLimit``.
"""

import math
from collections import OrderedDict
from threading import Lock

from msgspec import Struct
from starlette.requests import HTTPConnection

from switchroom.api.errors import ProblemError
from switchroom.identity.model import Actor


class Policy(Struct, frozen=True):
    """So many requests in so many seconds, all at once if somebody likes."""

    name: str
    quota: int
    window_s: int

    def header(self) -> str:
        """``"principal";q=600;w=60``."""
        return f'"{self.name}";q={self.quota};w={self.window_s}'


PRINCIPAL = Policy("principal", 1200, 60)
CUSTOMER = Policy("customer", 6000, 60)
SOURCE = Policy("source", 300, 60)
"Requests without a log-in from one address."

TABLE_LIMIT = 10_000
"Askers that are remembered; who was silent longest is forgotten first, and then has a full bucket."


class Verdict(Struct, frozen=True):
    """What is left in the bucket, and for how long a refused asker should wait."""

    policy: Policy
    left: int
    wait_s: float
    "Seconds until one more is allowed; 0: go on."

    def headers(self) -> dict[str, str]:
        """What the answer says about it."""
        reset = math.ceil(self.wait_s) if self.wait_s else self.policy.window_s
        found = {
            "RateLimit-Policy": self.policy.header(),
            "RateLimit": f'"{self.policy.name}";r={self.left};t={reset}',
        }
        if self.wait_s:
            found["Retry-After"] = str(math.ceil(self.wait_s))
        return found


class Buckets:
    """The buckets of one policy, by who asks."""

    __slots__ = ("_filled", "_lock", "_policy", "_rate")

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._lock = Lock()  # threads of the pool ask at once; held for a microsecond
        self._rate = policy.quota / policy.window_s
        self._filled: OrderedDict[str, tuple[float, float]] = OrderedDict()
        "Level and the moment at which it was that, in monotonic seconds."

    def take(self, asker: str, now: float) -> Verdict:
        """Take one request out of the asker's bucket. ``now`` in monotonic seconds."""
        with self._lock:
            return self._take(asker, now)

    def _take(self, asker: str, now: float) -> Verdict:
        level, at = self._filled.pop(asker, (float(self._policy.quota), now))
        level = min(float(self._policy.quota), level + max(0.0, now - at) * self._rate)
        is_allowed = level >= 1.0
        if is_allowed:
            level -= 1.0
        self._filled[asker] = (level, now)
        if len(self._filled) > TABLE_LIMIT:
            self._filled.popitem(last=False)
        wait_s = 0.0 if is_allowed else (1.0 - level) / self._rate
        return Verdict(self._policy, int(level), wait_s)

    def __len__(self) -> int:
        return len(self._filled)


class Rates:
    """The buckets of one application."""

    def __init__(self) -> None:
        self.principals = Buckets(PRINCIPAL)
        self.customers = Buckets(CUSTOMER)
        self.sources = Buckets(SOURCE)


def admit(connection: HTTPConnection, actor: Actor | None) -> None:
    """Count the request, and say on its answer what is left.

    Raises:
        ProblemError: 429; too many of this asker, of his customer, or of this address.
    """
    state = connection.app.state
    rates: Rates = state.rates
    now = state.ports.monotonic()
    if actor is None:
        source = connection.client.host if connection.client is not None else ""
        verdicts = [rates.sources.take(source, now)]
    else:
        who = f"{actor.customer_id}:{actor.principal_id}"
        verdicts = [
            rates.principals.take(who, now),
            rates.customers.take(actor.customer_id, now),
        ]
    said = next((one for one in verdicts if one.wait_s), verdicts[0])
    connection.scope["state"]["answer_headers"].update(said.headers())
    if said.wait_s:
        raise ProblemError("too_many_requests", f"too many requests: wait {said.wait_s:.0f} s")
