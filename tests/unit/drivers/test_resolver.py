"""Names become addresses: all of them, in the system's order, asked for once a minute."""

import asyncio
import socket

import pytest

from fakes.clock import FakeClock
from switchroom.drivers.resolver import KEEP_FAILURE_S, KEEP_S, MAX_ADDRESSES, Addresses, Resolver


class System:
    """Answers instead of the machine's resolver, and counts."""

    def __init__(self, *addresses: str) -> None:
        self.addresses = list(addresses)
        self.asked = 0

    def getaddrinfo(self, _host: str, *_more: object, **_named: object) -> list[object]:
        self.asked += 1
        if not self.addresses:
            raise socket.gaierror("no such name")
        return [(socket.AF_INET, 2, 17, "", (address, 0)) for address in self.addresses]


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    made = System("192.0.2.1", "192.0.2.2", "192.0.2.1")
    monkeypatch.setattr(socket, "getaddrinfo", made.getaddrinfo)
    return made


def resolve(resolver: Resolver, host: str = "carrier.example") -> Addresses:
    async def ask() -> Addresses:
        told: asyncio.Future[Addresses] = asyncio.get_running_loop().create_future()
        resolver.resolve(host, told.set_result)
        return await told

    return asyncio.run(ask())


def test_all_addresses_come_once_each_and_in_order(system: System) -> None:
    resolver = Resolver(lambda: 0.0)
    assert resolve(resolver) == ("192.0.2.1", "192.0.2.2")
    system.addresses = [f"192.0.2.{last}" for last in range(1, 100)]
    assert len(resolve(resolver, "other.example")) == MAX_ADDRESSES


def test_an_answer_is_kept_for_a_while_and_a_failure_for_less(system: System) -> None:
    clock = FakeClock()
    resolver = Resolver(lambda: clock.now)
    resolve(resolver)
    clock.now += KEEP_S - 1.0
    resolve(resolver)
    assert system.asked == 1
    system.addresses = []
    clock.now += 2.0
    assert resolve(resolver) == ()
    clock.now += KEEP_FAILURE_S + 1.0
    system.addresses = ["192.0.2.9"]
    assert resolve(resolver) == ("192.0.2.9",)


def test_who_asks_while_the_answer_is_under_way_gets_the_same(system: System) -> None:
    told: list[Addresses] = []

    async def ask() -> None:
        resolver = Resolver(lambda: 0.0)
        done = asyncio.Event()

        def second(found: Addresses) -> None:
            told.append(found)
            done.set()

        resolver.resolve("carrier.example", told.append)
        resolver.resolve("carrier.example", second)
        await done.wait()

    asyncio.run(ask())
    assert told == [("192.0.2.1", "192.0.2.2")] * 2
    assert system.asked == 1
