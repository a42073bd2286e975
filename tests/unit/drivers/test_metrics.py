"""Figures as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from switchroom.drivers.metrics import COUNTERS, Counters, Gauge, Metrics


def figures(metrics: Metrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_counters_and_gauges_are_read_at_scrape() -> None:
    counters = Counters()
    live = [3.0]
    metrics = Metrics(counters, {"live_calls": Gauge("Calls now", lambda: live[0])})
    assert figures(metrics)["switchroom_calls_created_total"] == 0
    counters.calls_created += 2
    live[0] = 7.0
    now = figures(metrics)
    assert now["switchroom_calls_created_total"] == 2
    assert now["switchroom_live_calls"] == 7
    assert now["process_resident_memory_bytes"] > 0


def test_every_counter_is_declared_typed_and_explained() -> None:
    assert set(Counters.__annotations__) == set(COUNTERS)
    assert all(COUNTERS.values())


def test_two_nodes_in_one_process_keep_their_own_figures() -> None:
    one, other = Counters(), Counters()
    one.facts += 1
    assert figures(Metrics(one, {}))["switchroom_facts_total"] == 1
    assert figures(Metrics(other, {}))["switchroom_facts_total"] == 0
