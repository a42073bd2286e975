"""The demo's parties on sockets of their own, and what a story can let them do."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec.structs import replace

from switchroom.app.demo.cast import (
    CALLER,
    CALLER_NUMBER,
    COMPANY_NUMBER,
    DESK,
    DOMAIN,
    EXTENSIONS,
    LAPTOP,
    MOBILE,
    PARTIES,
    Party,
    PartyKey,
    configuration,
    parties,
    variable_of,
)
from switchroom.app.demo.moments import Moment, MomentName
from switchroom.app.demo.node import DemoNode, DemoNodeError
from switchroom.app.demo.pace import pause, until
from switchroom.app.demo.witness import Witness
from switchroom.app.phone_line import Subscription, phone_line
from switchroom.drivers.clock import Clock
from switchroom.simulator.call import PhoneCall
from switchroom.simulator.log import Log
from switchroom.simulator.phone import Phone
from switchroom.simulator.policy import Policy

CARRIER_DOMAIN = "carrier.example"
STEP_LIMIT_S = 5.0
"How long a step of a story may take; on an idle machine it takes milliseconds."
QUIET_S = 0.3
"After a story that stalled: time for what is under way."
MOBILE_ANSWERS_S = 8.0
"After the stories: long enough for a person to be first."

WAITS = Policy(answer_after_s=None)
"Rings until the story says what next."


class StalledError(Exception):
    """What a story waited for has not come."""


class Stage:
    """Whoever takes part. After a story all phones are as before."""

    def __init__(
        self, node: DemoNode, lines: Mapping[PartyKey, Phone], unplugged: frozenset[PartyKey]
    ) -> None:
        self.node = node
        self.lines = lines
        self.witnesses = {key: Witness(key) for key in PARTIES}
        self.parties: tuple[Party, ...] = parties(
            {key: line.settings.port for key, line in lines.items()}
        )
        self.tell: Callable[[Moment], None] = lambda _: None
        self.unplugged = unplugged
        for key, line in lines.items():
            line.log = self.witnesses[key]
            self.witnesses[key].watch = self._teller(key)

    def begin(self) -> None:
        """A new story: everybody's phone waits for a call."""
        for key in PARTIES:
            self.witnesses[key].begin()
            self.treat(key, WAITS)

    def treat(self, key: PartyKey, policy: Policy) -> None:
        """Let a phone treat its calls so."""
        if key in self.unplugged:
            policy = replace(policy, is_dead=True)
        self.lines[key].policy = policy

    def call(self) -> None:
        """The caller dials the company's number."""
        self.lines[CALLER].call(COMPANY_NUMBER)

    def give_up(self) -> None:
        """The caller hangs up before anybody has answered."""
        call = self._call_of(CALLER)
        if call is not None:
            self.lines[CALLER].cancel(call)

    def pick_up(self, *keys: PartyKey) -> None:
        """These phones answer in the same turn: none can hear of the others before."""
        now = Clock().monotonic()
        for key in keys:
            call = self._call_of(key)
            if call is not None:
                call.plan("answer", now)
        for key in keys:
            self.lines[key].tick()

    def hang_up(self, key: PartyKey) -> None:
        call = self._call_of(key)
        if call is not None:
            self.lines[key].hang_up(call)

    async def expect(self, what: str, holds: Callable[[], bool]) -> None:
        """Wait for the next step of the story.

        Raises:
            StalledError: it does not come; says ``what``.
        """
        if not await until(holds, STEP_LIMIT_S):
            raise StalledError(f"waited {STEP_LIMIT_S:g} s in vain: {what}")

    def all_past(self, keys: tuple[PartyKey, ...], *names: MomentName) -> bool:
        """Whether each of these parties has met one of these moments."""
        return all(self.witnesses[key].is_past(*names) for key in keys)

    def stay(self) -> None:
        """No more stories: leave extension 1001 to real phones; the mobile answers by itself."""
        for line in self.lines.values():
            line.log = Log()
            line.policy = WAITS
        self.lines[MOBILE].policy = Policy(answer_after_s=MOBILE_ANSWERS_S)
        self.lines[DESK].unregister()

    async def clear(self) -> None:
        """End what a story that stalled has left."""
        for line in self.lines.values():
            for call in list(line.calls.values()):
                if call.state == "answered":
                    line.hang_up(call)
                elif call.outbound:
                    line.cancel(call)
        await pause(QUIET_S)

    def _call_of(self, key: PartyKey) -> PhoneCall | None:
        """The party's live call of this story."""
        line, call_ids = self.lines[key], self.witnesses[key].call_ids
        for call in line.calls.values():
            leg = line.agent.legs.by_id.get(call.leg_id)
            if leg is not None and leg.sip_call_id in call_ids[:1]:
                return call
        return None

    def _teller(self, key: PartyKey) -> Callable[[MomentName, float], None]:
        return lambda name, at: self.tell(Moment(key, name, at))


@asynccontextmanager
async def stage(
    node: DemoNode, passwords: Mapping[str, str], unplugged: frozenset[PartyKey]
) -> AsyncIterator[Stage]:
    """Everybody is there while the block runs, and the node knows the agent.

    Raises:
        SipAddressTakenError: a phone gets no port.
        DemoNodeError: the node refuses the configuration or the registration.
    """
    server = ("udp", "127.0.0.1", node.sip_port)
    desk = EXTENSIONS[0]
    subscriptions: dict[PartyKey, Subscription] = {
        CALLER: Subscription(CALLER_NUMBER, CARRIER_DOMAIN, server, display="Bob"),
        DESK: Subscription(desk, DOMAIN, server, passwords[variable_of(desk)]),
        LAPTOP: Subscription("alice", "127.0.0.1", server),
        MOBILE: Subscription("carrier", CARRIER_DOMAIN, server),
    }
    async with AsyncExitStack() as stack:
        lines = {
            key: await stack.enter_async_context(phone_line(subscription))
            for key, subscription in subscriptions.items()
        }
        ports = {key: line.settings.port for key, line in lines.items()}
        await node.apply(configuration(ports[LAPTOP], ports[MOBILE]), passwords)
        set_up = Stage(node, lines, unplugged)
        await _register(lines[DESK])
        yield set_up


async def _register(desk: Phone) -> None:
    desk.register()
    await until(lambda: desk.registered in ("registered", "failed"), STEP_LIMIT_S)
    if desk.registered != "registered":
        why = desk.registration.reason or "no answer"
        raise DemoNodeError(f"the desk phone cannot register: {why}")
