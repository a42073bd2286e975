"""What a phone does with what it hears: follows its calls and keeps to its policy."""

from typing import Protocol

from switchroom.foundation.leg import (
    Acknowledge,
    Answer,
    Cause,
    HangUp,
    LegAcknowledged,
    LegAction,
    LegAnswered,
    LegArrived,
    LegAsked,
    LegEnded,
    LegEvent,
    LegProgressed,
    LegRedirected,
    LegReplied,
    LegRinging,
    Progress,
    Reject,
    Reply,
    Ring,
    SendReply,
)
from switchroom.sdp import Direction
from switchroom.simulator.call import HappeningName, PhoneCall
from switchroom.simulator.policy import Policy
from switchroom.simulator.session import answering_direction
from switchroom.sip.user_agent import UserAgent

MOST_REPLIES = 100


class Line(Protocol):
    """The phone, as its answering part needs it."""

    agent: UserAgent
    policy: Policy
    calls: dict[str, PhoneCall]

    def perform(self, action: LegAction) -> None: ...

    def session(self, way: Direction = "sendrecv") -> bytes: ...

    def tell(self, name: HappeningName, call: PhoneCall) -> None: ...


class Answering:
    """Turns leg events into what the policy says."""

    def __init__(self, line: Line) -> None:
        self._line = line

    def heard(self, event: LegEvent, now: float) -> None:
        """Take an event of a call; those of unknown calls change nothing."""
        if isinstance(event, LegArrived):
            self._arrived(event, now)
            return
        call = self._line.calls.get(event.leg_id)
        if call is None:
            return
        match event:
            case LegRinging() | LegProgressed():
                self._rang(call, now)
            case LegAnswered(_, session):
                self._answered(call, session, now)
            case LegAcknowledged(_, session):
                call.peer_session = session
            case LegAsked(_, ask_id, ask):
                self._asked(call, ask_id, ask.body, ask.method)
            case LegReplied(_, _, reply):
                self._replied(call, reply)
            case LegRedirected(_, _, cause):
                self._ended(call, cause, "peer", now)
            case LegEnded(_, cause, by):
                self._ended(call, cause, by, now)

    def due(self, call: PhoneCall, now: float) -> None:
        """Do what was planned for now."""
        step = call.step
        call.plan(None, None)
        if step == "answer":
            self._pick_up(call, now)
        elif step == "reject":
            self._line.perform(Reject(call.leg_id, Cause(self._line.policy.reject)))
        elif step == "hang_up":
            self._line.perform(HangUp(call.leg_id))

    # --- calls that come in -------------------------------------------------------------------

    def _arrived(self, event: LegArrived, now: float) -> None:
        line, policy = self._line, self._line.policy
        call = PhoneCall(event.leg_id, event.caller.user, now, outbound=False)
        call.talk_s = policy.talk_s
        call.offered = event.session is None
        call.peer_session = event.session or b""
        line.calls[event.leg_id] = call
        line.tell("called", call)
        if policy.redirect_to:
            self._redirect(call, policy.redirect_to, now)
            return
        if policy.early_media:
            line.perform(Progress(call.leg_id, self._our_side(call)))
        elif policy.rings:
            line.perform(Ring(call.leg_id))
        if policy.reject:
            call.plan("reject", now + policy.reject_after_s)
        elif policy.answer_after_s is not None:
            call.plan("answer", now + policy.answer_after_s)

    def _redirect(self, call: PhoneCall, targets: tuple[str, ...], now: float) -> None:
        """A 302, which the language of legs has no word for: a node never sends one."""
        agent = self._line.agent
        leg = agent.legs.by_id[call.leg_id]
        if leg.server is None:
            return
        lines = [f"Contact: <{target}>" for target in targets]
        agent.layer.respond(leg.server, 302, now, to_tag=leg.local_tag, lines=lines)
        leg.server = None
        agent.legs.end(leg, Cause(302), "us", now)

    def _pick_up(self, call: PhoneCall, now: float) -> None:
        self._line.perform(Answer(call.leg_id, self._our_side(call)))
        self._talk(call, now)

    def _our_side(self, call: PhoneCall) -> bytes:
        """Our answer to their offer, or our offer if they made none."""
        way = answering_direction(call.peer_session) if call.peer_session else "sendrecv"
        return self._line.session(way)

    # --- every call ---------------------------------------------------------------------------

    def _rang(self, call: PhoneCall, now: float) -> None:
        if call.rang_at is None:
            call.rang_at = now
            self._line.tell("ringing", call)

    def _answered(self, call: PhoneCall, session: bytes | None, now: float) -> None:
        call.peer_session = session or b""
        if not call.offered and session:
            self._line.perform(Acknowledge(call.leg_id, self._our_side(call)))
        self._talk(call, now)

    def _talk(self, call: PhoneCall, now: float) -> None:
        call.state = "answered"
        call.answered_at = now
        call.plan("hang_up", None if call.talk_s is None else now + call.talk_s)
        self._line.tell("answered", call)

    def _asked(self, call: PhoneCall, ask_id: str, body: bytes, method: str) -> None:
        status = self._line.policy.ask_status
        reply = Reply(status)
        if status < 300 and method != "INFO" and (body or method == "INVITE"):
            call.peer_session = body or call.peer_session
            way = answering_direction(body) if body else "sendrecv"
            reply = Reply(status, "", "application/sdp", self._line.session(way))
        self._line.perform(SendReply(call.leg_id, ask_id, reply))

    def _replied(self, call: PhoneCall, reply: Reply) -> None:
        if len(call.replies) < MOST_REPLIES:
            call.replies.append(reply)
        if 200 <= reply.status < 300 and reply.body:
            call.peer_session = reply.body

    def _ended(self, call: PhoneCall, cause: Cause, by: str, now: float) -> None:
        call.state = "ended"
        call.cause, call.by, call.ended_at = cause, by, now
        call.plan(None, None)
        self._line.tell("ended", call)
