"""Figures as Prometheus reads them."""

from prometheus_client.parser import text_string_to_metric_families

from switchroom.drivers.metrics import Figure, Metrics


def figures(metrics: Metrics) -> dict[str, float]:
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {sample.name: sample.value for family in families for sample in family.samples}


def test_counters_and_gauges_are_read_at_scrape() -> None:
    values = {"created": 0.0, "live": 3.0}
    metrics = Metrics(
        {
            "calls_created": Figure("counter", "Calls", lambda: values["created"]),
            "live_calls": Figure("gauge", "Calls now", lambda: values["live"]),
        }
    )
    assert figures(metrics)["switchroom_calls_created_total"] == 0
    values.update(created=2.0, live=7.0)
    now = figures(metrics)
    assert now["switchroom_calls_created_total"] == 2
    assert now["switchroom_live_calls"] == 7
    assert now["process_resident_memory_bytes"] > 0


def test_two_nodes_in_one_process_keep_their_own_figures() -> None:
    one = Metrics({"facts": Figure("counter", "Facts", lambda: 1)})
    other = Metrics({"facts": Figure("counter", "Facts", lambda: 0)})
    assert figures(one)["switchroom_facts_total"] == 1
    assert figures(other)["switchroom_facts_total"] == 0
