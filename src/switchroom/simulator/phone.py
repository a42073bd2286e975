"""A phone: the same user agent as the node's, with one account and a policy for incoming calls.

No socket and no clock in here: whoever owns a phone feeds it bytes and time, and gives it a way
to send. It trusts whoever calls, since it only ever hears its server.
"""

from collections import deque
from collections.abc import Callable, Iterator

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import (
    Ask,
    Cancel,
    Carry,
    Cause,
    Destination,
    Dial,
    HangUp,
    Hop,
    Identity,
    LegAction,
    LegEnded,
    LegRedirected,
)
from switchroom.sdp import Direction
from switchroom.simulator.access import SERVER, PhoneAccess, PhoneNetwork
from switchroom.simulator.answering import Answering
from switchroom.simulator.call import Happening, HappeningName, PhoneCall
from switchroom.simulator.log import Log
from switchroom.simulator.policy import Policy
from switchroom.simulator.registration import Registration, State, Subscriber
from switchroom.simulator.session import session
from switchroom.sip.defence import Defence, DefenceSettings
from switchroom.sip.message import escape_user
from switchroom.sip.registrar import Registrar, RegistrarSettings
from switchroom.sip.settings import SipSettings
from switchroom.sip.transaction.timers import Timers
from switchroom.sip.user_agent import UserAgent

MOST_ENDED = 1000
"Ended calls that a phone remembers."
RATE_PER_S = 100_000.0
"A phone does not defend itself against its server."


class PhoneSettings(Struct, frozen=True):
    """Who the phone is, where it is, and where its server is."""

    user: str
    domain: str
    server: Hop
    address: str
    "Our own numeric address; the transport is the server's."
    port: int
    password: str = ""
    display: str = ""
    media_address: str = ""
    "Where media would go; empty: our own address."
    expires_s: int = 300
    timers: Timers = Timers()


class Phone:
    """Registers, calls, answers. After every input all that it causes has been sent."""

    def __init__(
        self,
        settings: PhoneSettings,
        ids: Ids,
        clock: Callable[[], float],
        send: Callable[[bytes, Hop], None],
    ) -> None:
        self.settings = settings
        self.policy = Policy()
        self.log = Log()
        self.calls: dict[str, PhoneCall] = {}
        "Live calls by leg id."
        self.ended: deque[PhoneCall] = deque(maxlen=MOST_ENDED)
        self.watch: Callable[[Happening], None] = lambda _: None
        self.settled: Callable[[], None] = lambda: None
        "Called after every input: ``deadline`` may have moved."
        self.agent = UserAgent(
            PhoneAccess(settings.user, settings.domain, settings.password),
            PhoneNetwork(settings.address, settings.port),
            ids,
            SipSettings(timers=settings.timers, user_agent="Switchroom phone"),
            Registrar(RegistrarSettings(), ids, 0.0),
            Defence(DefenceSettings(rate_per_s=RATE_PER_S), 0.0),
        )
        self.registration = Registration(_subscriber(settings), self.agent.outside, ids)
        self._answering = Answering(self)
        self._ids = ids
        self._clock = clock
        self._send = send
        self._version = 0
        self._told: State = "none"

    # --- what a user does ---------------------------------------------------------------------

    def register(self) -> None:
        self.registration.register(self._clock())
        self._settle()

    def unregister(self) -> None:
        self.registration.unregister(self._clock())
        self._settle()

    def call(self, target: str, *, talk_s: float | None = None, offers: bool = True) -> PhoneCall:
        """Call a number, a user name or a SIP URI; without ``offers`` the 200 brings the offer."""
        now, settings = self._clock(), self.settings
        uri = target
        if not target.startswith(("sip:", "tel:")):
            uri = f"sip:{escape_user(target)}@{settings.domain}"
        call = PhoneCall(self._ids.token(), target, now, outbound=True)
        call.talk_s = talk_s
        call.offered = offers
        self.calls[call.leg_id] = call
        self.tell("calling", call)
        self.perform(
            Dial(
                call.leg_id,
                Destination(uri, settings.server, SERVER),
                Identity(settings.user, settings.display),
                self.session() if offers else None,
                70,
                "",
            )
        )
        return call

    def give_up_after(self, call: PhoneCall, seconds: float) -> None:
        """Cancel a call of ours if nobody has answered by then."""
        call.plan("hang_up", self._clock() + seconds)
        self.settled()

    def hang_up(self, call: PhoneCall, cause: Cause = Cause()) -> None:  # noqa: B008 - frozen
        """End an answered call."""
        self.perform(HangUp(call.leg_id, cause))

    def cancel(self, call: PhoneCall) -> None:
        """Give up a call of ours that nobody has answered."""
        self.perform(Cancel(call.leg_id, elsewhere=False))

    def hold(self, call: PhoneCall) -> None:
        """Put the other side on hold by re-INVITE; what it answers is in ``call.replies``."""
        self.ask(call, "INVITE", self.session("sendonly"))

    def resume(self, call: PhoneCall) -> None:
        self.ask(call, "INVITE", self.session())

    def ask(
        self, call: PhoneCall, method: str, body: bytes, content_type: str = "application/sdp"
    ) -> None:
        """Send a re-INVITE, UPDATE or INFO."""
        self.perform(Carry(call.leg_id, self._ids.token(), Ask(method, content_type, body)))

    @property
    def registered(self) -> State:
        return self.registration.state

    # --- inputs -------------------------------------------------------------------------------

    def receive(self, data: bytes, source: Hop) -> None:
        now = self._clock()
        self.log.add(now, "in", data)
        if self.policy.is_dead:
            return
        self.agent.receive(data, source, now)
        self._settle()

    def tick(self) -> None:
        now = self._clock()
        self.agent.tick(now)
        self.registration.tick(now)
        for call in [call for call in self.calls.values() if _is_due(call, now)]:
            self._answering.due(call, now)
        self._settle()

    def deadline(self) -> float | None:
        """When to call ``tick`` next, in monotonic seconds."""
        return min((when for when in self._deadlines() if when is not None), default=None)

    def transport_failed(self, hop: Hop) -> None:
        self.agent.transport_failed(hop, self._clock())
        self._settle()

    # --- for the answering part ---------------------------------------------------------------

    def perform(self, action: LegAction) -> None:
        self.agent.perform(action, self._clock())
        self._settle()

    def session(self, way: Direction = "sendrecv") -> bytes:
        """A new session description of ours."""
        self._version += 1
        settings = self.settings
        address = settings.media_address or settings.address
        return session(address, 4000 + settings.port % 1000 * 2, self._version, way)

    def tell(self, name: HappeningName, call: PhoneCall) -> None:
        now = self._clock()
        self.watch(
            Happening(now, name, call.party, call.leg_id, call.cause, call.by, now - call.began_at)
        )

    # --- below: how ---------------------------------------------------------------------------

    def _deadlines(self) -> Iterator[float | None]:
        yield self.agent.deadline()
        yield self.registration.deadline
        for call in self.calls.values():
            yield call.deadline

    def _settle(self) -> None:
        """Send and hear until nothing is left to do."""
        now = self._clock()
        outside = self.agent.outside
        while True:
            sends, events, lookups, _ = self.agent.take()
            for data, hop in sends:
                self.log.add(now, "out", data)
                self._send(data, hop)
            for leg_id, _host in lookups:
                self.agent.resolved(leg_id, (), now)  # only the server is ever called
            answers, outside.answers = outside.answers, []
            for token, response in answers:
                if self.registration.answered(token, response, now):
                    self._tell_registration(now)
            if not (events or answers or lookups):
                break
            for event in events:
                self._answering.heard(event, now)
                if isinstance(event, LegEnded | LegRedirected):
                    self._forget(event.leg_id)
        self.settled()

    def _forget(self, leg_id: str) -> None:
        call = self.calls.pop(leg_id, None)
        if call is not None:
            self.ended.append(call)

    def _tell_registration(self, now: float) -> None:
        """Say what has changed; a refresh is no news."""
        found = self.registration
        before, self._told = self._told, found.state
        if found.state == "registered" == before:
            return
        if found.state == "registered":
            self.watch(Happening(now, "registered", self.settings.user))
        elif found.state == "removed":
            self.watch(Happening(now, "unregistered", self.settings.user))
        elif found.state == "failed":
            cause = Cause(found.status, 0, found.reason)
            self.watch(Happening(now, "not_registered", self.settings.user, cause=cause))


def _is_due(call: PhoneCall, now: float) -> bool:
    return call.deadline is not None and call.deadline <= now


def _subscriber(settings: PhoneSettings) -> Subscriber:
    suffix = ";transport=tcp" if settings.server[0] == "tcp" else ""
    contact = f"sip:{escape_user(settings.user)}@{settings.address}:{settings.port}{suffix}"
    return Subscriber(
        settings.user,
        settings.domain,
        settings.password,
        settings.server,
        contact,
        settings.expires_s,
    )
