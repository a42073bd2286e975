"""A simulated phone on real sockets: for ``switchroom phone``, the demo and tests."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from msgspec import Struct

from switchroom.drivers.clock import Clock
from switchroom.drivers.ids import RandomIds
from switchroom.drivers.timer import WakeUp
from switchroom.drivers.transports import Transports, address_towards
from switchroom.foundation.leg import Hop
from switchroom.simulator.phone import Phone, PhoneSettings

FAREWELL_S = 2.0
"How long a phone that goes waits for answers to its last requests."


class Subscription(Struct, frozen=True):
    """Who the phone is and where its server is."""

    user: str
    domain: str
    server: Hop
    password: str = ""
    display: str = ""
    port: int = 0
    "Of ours; 0 for any free one."
    expires_s: int = 300


@asynccontextmanager
async def phone_line(subscription: Subscription) -> AsyncIterator[Phone]:
    """A phone that hears and speaks while the block runs; it has not registered yet.

    Raises:
        SipAddressTakenError: its port cannot be had.
    """
    clock = Clock()
    transports = Transports("", several=False)
    address = address_towards(subscription.server[1])
    heard: list[Phone] = []  # filled before anything is let in
    transports.feed(
        lambda data, source: heard[0].receive(data, source),
        lambda _count: None,
        lambda: None,
        lambda hop: heard[0].transport_failed(hop),
        lambda hop: heard[0].transport_failed(hop),
    )
    port = await transports.listen(address, subscription.port)
    phone = Phone(
        PhoneSettings(
            subscription.user,
            subscription.domain,
            subscription.server,
            address,
            port,
            subscription.password,
            subscription.display,
            expires_s=subscription.expires_s,
        ),
        RandomIds(),
        clock.monotonic,
        transports.send,
    )
    heard.append(phone)
    await transports.start()
    wake = WakeUp(phone.tick, clock.monotonic)
    phone.settled = lambda: wake.at(phone.deadline())
    try:
        yield phone
        await _farewell(phone)
    finally:
        phone.settled = lambda: None
        wake.stop()
        await transports.close()


async def _farewell(phone: Phone) -> None:
    """Let the last BYE and REGISTER be answered, or repeated if they are lost."""
    if not phone.agent.layer.waiting():
        return
    done = asyncio.Event()
    wake_up = phone.settled

    def look() -> None:
        wake_up()
        if not phone.agent.layer.waiting():
            done.set()

    phone.settled = look
    try:
        async with asyncio.timeout(FAREWELL_S):
            await done.wait()
    except TimeoutError:
        pass
