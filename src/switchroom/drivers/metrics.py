"""Figures for Prometheus, read at scrape: counting costs the hot path one addition."""

from collections.abc import Callable, Iterator, Mapping

from msgspec import Struct
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

COUNTERS: Mapping[str, str] = {
    "messages_received": "SIP messages that arrived and could be read",
    "messages_sent": "SIP messages sent, repetitions included",
    "retransmissions": "SIP messages sent again because no answer came",
    "malformed": "Arrivals that were no usable SIP message",
    "rate_limited": "Requests dropped because their source sends too many",
    "banned": "Requests dropped because their source is banned",
    "overloaded": "Requests answered 503 because the node is full",
    "calls_created": "Calls accepted for routing",
    "calls_answered": "Calls that were answered",
    "calls_refused": "Calls turned away before they rang anywhere",
    "legs_dialled": "INVITEs sent to phones, URIs and trunks",
    "crossed_answers": "Answers that came after another leg had won",
    "registrations": "REGISTER requests accepted",
    "wrong_passwords": "Requests with a wrong password or an unknown user",
    "reconciled": "Times the reconcile pass had to correct an agent's state",
    "facts": "Facts written to the journal",
    "journal_failures": "Writes to the journal that failed",
}
"Every counter with its help text; exported as ``switchroom_<name>_total``."


class Counters:
    """Plain integers; whoever counts adds to the attribute."""

    __slots__ = tuple(COUNTERS)

    messages_received: int
    messages_sent: int
    retransmissions: int
    malformed: int
    rate_limited: int
    banned: int
    overloaded: int
    calls_created: int
    calls_answered: int
    calls_refused: int
    legs_dialled: int
    crossed_answers: int
    registrations: int
    wrong_passwords: int
    reconciled: int
    facts: int
    journal_failures: int

    def __init__(self) -> None:
        for name in COUNTERS:
            setattr(self, name, 0)


class Gauge(Struct, frozen=True):
    """A value that goes up and down, asked for at scrape."""

    help: str
    read: Callable[[], float]


class Metrics(Collector):
    """Everything ``/metrics`` shows: counters, gauges, the process's memory, CPU and files."""

    def __init__(self, counters: Counters, gauges: Mapping[str, Gauge]) -> None:
        self._counters = counters
        self._gauges = dict(gauges)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def collect(self) -> Iterator[Metric]:
        for name, text in COUNTERS.items():
            yield CounterMetricFamily(f"switchroom_{name}", text, getattr(self._counters, name))
        for name, gauge in self._gauges.items():
            yield GaugeMetricFamily(f"switchroom_{name}", gauge.help, gauge.read())

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
