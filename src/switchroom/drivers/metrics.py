"""Figures for Prometheus, read at scrape: the hot path counts in plain integers of its own."""

from collections.abc import Callable, Iterator, Mapping
from typing import Literal

from msgspec import Struct
from prometheus_client import CollectorRegistry, GCCollector, ProcessCollector, generate_latest
from prometheus_client.metrics_core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector


class Figure(Struct, frozen=True):
    """One number and how to ask for it. A counter only grows; a gauge goes up and down."""

    kind: Literal["counter", "gauge"]
    help: str
    read: Callable[[], float]


class Metrics(Collector):
    """Everything ``/metrics`` shows: our figures, the process's memory, CPU and files."""

    def __init__(self, figures: Mapping[str, Figure]) -> None:
        """``figures`` by name; exported as ``switchroom_<name>``, counters with ``_total``."""
        self._figures = dict(figures)
        self._registry = CollectorRegistry()
        self._registry.register(self)
        ProcessCollector(registry=self._registry)
        GCCollector(registry=self._registry)

    def collect(self) -> Iterator[Metric]:
        for name, figure in self._figures.items():
            family = CounterMetricFamily if figure.kind == "counter" else GaugeMetricFamily
            yield family(f"switchroom_{name}", figure.help, figure.read())

    def exposition(self) -> bytes:
        """All figures in Prometheus' text format."""
        return generate_latest(self._registry)
