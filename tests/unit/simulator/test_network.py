"""The network in memory: what it does to datagrams, and that it always does the same."""

import pytest

from switchroom.foundation.leg import Hop
from switchroom.simulator.network import START_S, Link, Network

ONE, TWO = ("10.0.0.1", 1), ("10.0.0.2", 2)


class Listener:
    def __init__(self, network: Network) -> None:
        self._network = network
        self.heard: list[tuple[float, bytes, Hop]] = []
        self.failed: list[Hop] = []
        self.wake: float | None = None
        self.ticks = 0

    def receive(self, data: bytes, source: Hop) -> None:
        self.heard.append((self._network.now, data, source))

    def tick(self) -> None:
        self.ticks += 1
        self.wake = None

    def deadline(self) -> float | None:
        return self.wake

    def transport_failed(self, hop: Hop) -> None:
        self.failed.append(hop)


def pair(link: Link, seed: int = 1) -> tuple[Network, Listener, Listener]:
    network = Network(seed, link)
    hosts = Listener(network), Listener(network)
    network.attach(hosts[0], ONE)
    network.attach(hosts[1], TWO)
    return network, *hosts


def test_a_datagram_arrives_after_the_delay_with_its_source() -> None:
    network, _, two = pair(Link(delay_s=0.5))
    network.send(b"x", ONE, ("udp", *TWO))
    network.run(0.4)
    assert not two.heard
    network.run(0.2)
    assert two.heard == [(START_S + 0.5, b"x", ("udp", *ONE))]


def test_the_same_seed_gives_the_same_course() -> None:
    link = Link(delay_s=0.01, jitter_s=0.1, loss=0.3, duplication=0.3, reordering=0.2)

    def course(seed: int) -> list[tuple[float, bytes, Hop]]:
        network, _, two = pair(link, seed)
        for count in range(100):
            network.send(b"%d" % count, ONE, ("udp", *TWO))
        network.run(10.0)
        return two.heard

    assert course(1) == course(1)
    assert course(1) != course(2)
    assert 50 < len({data for _, data, _ in course(1)}) < 90
    assert len(course(1)) > len({data for _, data, _ in course(1)})
    assert [data for _, data, _ in course(1)] != sorted(data for _, data, _ in course(1))


def test_a_stream_keeps_its_order_and_loses_nothing() -> None:
    network, _, two = pair(Link(jitter_s=0.5, loss=1.0, duplication=1.0))
    for count in range(50):
        network.send(bytes([count]), ONE, ("tcp", *TWO))
    network.run(60.0)
    assert [data for _, data, _ in two.heard] == [bytes([count]) for count in range(50)]


def test_only_the_direction_that_was_set_is_bad() -> None:
    network, one, two = pair(Link())
    network.between(ONE[0], TWO[0], Link(loss=1.0))
    network.send(b"x", ONE, ("udp", *TWO))
    network.send(b"y", TWO, ("udp", *ONE))
    network.run(1.0)
    assert not two.heard
    assert one.heard


def test_nat_shows_another_address() -> None:
    network = Network()
    inside, outside = Listener(network), Listener(network)
    network.attach(inside, ("192.168.0.2", 5060), ("203.0.113.1", 7777))
    network.attach(outside, TWO)
    network.send(b"out", ("192.168.0.2", 5060), ("udp", *TWO))
    network.run(1.0)
    source = outside.heard[0][2]
    assert source == ("udp", "203.0.113.1", 7777)
    network.send(b"in", TWO, source)
    network.run(1.0)
    assert inside.heard[0][1] == b"in"


def test_nobody_there_is_silence_on_udp_and_an_error_on_tcp() -> None:
    network, one, _ = pair(Link())
    for transport in ("udp", "tcp"):
        network.send(b"x", ONE, (transport, "10.9.9.9", 9))
    network.run(1.0)
    assert one.failed == [("tcp", "10.9.9.9", 9)]


def test_hosts_are_woken_in_time_and_quiet_is_noticed() -> None:
    network, one, two = pair(Link())
    one.wake, two.wake = START_S + 5.0, START_S + 100.0
    network.run_until_quiet(silence_s=40.0)
    assert (one.ticks, two.ticks) == (1, 0)
    assert network.now == START_S + 40.0


def test_a_host_that_does_not_move_on_is_found() -> None:
    network, one, _ = pair(Link())

    class Stuck(Listener):
        def deadline(self) -> float | None:
            return START_S

    network.attach(Stuck(network), ONE)
    del one
    with pytest.raises(RuntimeError, match="for ever"):
        network.run(1.0)
