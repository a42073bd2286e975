"""What the product promises about a call, checked on what the parties and the node's records say.

Every function returns a ``Promise`` that says whether it was kept, and how long it took: from the
moment that one party did something until another party had heard of it.
"""

from collections.abc import Mapping, Sequence

from msgspec import Struct

from switchroom.app.demo.cast import CALLER, MOBILE, PHONES, PartyKey
from switchroom.app.demo.moments import blames_elsewhere, says_elsewhere
from switchroom.app.demo.witness import Witness
from switchroom.history.records import CallRecord
from switchroom.simulator.log import Seen
from switchroom.sip.message import Request, Response

AT_ONCE_S = 0.5
"One second later would be one phone after the other; a busy machine needs some of it."


class Promise(Struct, frozen=True):
    """One of them after a story."""

    text: str
    broken: str = ""
    "What was seen instead; empty if it was kept."
    ms: float | None = None

    @property
    def is_kept(self) -> bool:
        return not self.broken


class Evidence(Struct, frozen=True):
    """All that is known about the call of a story."""

    witnesses: Mapping[PartyKey, Witness]
    record: CallRecord | None
    "The node's own; ``None`` if it has none."
    is_over: bool
    "Whether the agent was free again and the call gone."

    def phones(self, keys: Sequence[PartyKey] = PHONES) -> list[Witness]:
        return [self.witnesses[key] for key in keys]

    @property
    def caller(self) -> Witness:
        return self.witnesses[CALLER]


def called_at_once(seen: Evidence) -> Promise:
    """Every address was called, each once, without waiting for another."""
    text = "All three addresses were called at once"
    times = [_calls(phone) for phone in seen.phones()]
    for phone, calls in zip(seen.phones(), times, strict=True):
        if len(phone.call_ids) != 1 or not calls:
            return Promise(text, f"the {phone.party} was called {len(phone.call_ids)} times")
    last = max(calls[0].at for calls in times)
    ms = _ms(seen.caller.sent("INVITE", "out")[0], last)
    spread_s = last - min(calls[0].at for calls in times)
    if spread_s > AT_ONCE_S:
        return Promise(text, f"the last one {spread_s * 1000:.0f} ms after the first", ms)
    return Promise(text, "", ms)


def rang(seen: Evidence, keys: Sequence[PartyKey]) -> Promise:
    """These phones rang, and the caller heard it."""
    text = "All three rang and the caller heard it" if len(keys) > 1 else f"The {keys[0]} rang"
    silent = [phone.party for phone in seen.phones(keys) if not phone.answers(180, "out")]
    heard = seen.caller.answers(180, "in")
    if silent or not heard:
        return Promise(text, f"no ringing at: {', '.join(silent) or CALLER}")
    return Promise(text, "", _ms(seen.caller.sent("INVITE", "out")[0], heard[0].at))


def connected(seen: Evidence, keys: Sequence[PartyKey]) -> Promise:
    """The caller got one answer, that of one of these phones, and the two sides are one call."""
    who = f"the {keys[0]}" if len(keys) == 1 else "one of them"
    text = f"The caller was connected to {who}, and to nobody else"
    if seen.caller.finals("in") != {200}:
        return Promise(text, f"the caller's final answers: {sorted(seen.caller.finals('in'))}")
    answers = seen.caller.answers(200, "in")
    if len({_message(answer).to_tag for answer in answers}) != 1:
        return Promise(text, "the caller got answers of several calls")
    staying = [phone for phone in seen.phones() if _stays_connected(phone)]
    if len(staying) != 1 or staying[0].party not in keys:
        parties = ", ".join(phone.party for phone in staying) or "nobody"
        return Promise(text, f"connected: {parties}")
    picked_up = staying[0].answers(200, "out")[0]
    if _media(answers[0]) != _media(picked_up):
        return Promise(text, "the caller's answer does not lead to that phone's audio")
    return Promise(text, "", _ms(picked_up, answers[0].at))


def completed_elsewhere(
    seen: Evidence, losers: Sequence[PartyKey], winner: PartyKey | None = None
) -> Promise:
    """These phones were told that somebody else took the call: they show no missed call."""
    both = "two others" if len(losers) > 1 else losers[0]
    text = f'The {both} ended with "Call completed elsewhere"'
    ends = []
    for phone in seen.phones(losers):
        cancels = phone.sent("CANCEL", "in")
        if not cancels or not says_elsewhere(_message(cancels[0])):
            said = "another reason" if cancels else "no CANCEL"
            return Promise(text, f"the {phone.party} got {said}")
        if phone.finals("out") - {487, 200}:
            return Promise(text, f"the {phone.party} answered {sorted(phone.finals('out'))}")
        ends.append(cancels[0].at)
    winners = [winner] if winner else [key for key in PHONES if key not in losers]
    answers = [s.at for phone in seen.phones(winners) for s in phone.answers(200, "out")]
    if not answers:
        return Promise(text, "nobody answered")
    return Promise(text, "", (max(ends) - min(answers)) * 1000)


def crossed(seen: Evidence, pair: Sequence[PartyKey]) -> Promise:
    """Both phones answered before either could know of the other."""
    text = "Two phones were picked up in the same instant"
    answers = [phone.answers(200, "out") for phone in seen.phones(pair)]
    if not all(answers):
        return Promise(text, "only one of them answered")
    last = max(found[0].at for found in answers)
    for phone in seen.phones(pair):
        ends = phone.sent("CANCEL", "in") + phone.sent("ACK", "in")
        if ends and ends[0].at < last:
            return Promise(text, f"the {phone.party} had already heard of the other")
    return Promise(text, "", (last - min(found[0].at for found in answers)) * 1000)


def other_answer_ended(seen: Evidence, pair: Sequence[PartyKey]) -> Promise:
    """The answer that lost was acknowledged, then ended (RFC 3261 sections 13.2.2.4 and 15)."""
    text = "The other answer was acknowledged, then hung up: elsewhere"
    losers = [phone for phone in seen.phones(pair) if phone.sent("BYE", "in")]
    losers = [phone for phone in losers if blames_elsewhere(_message(phone.sent("BYE", "in")[0]))]
    if len(losers) != 1:
        return Promise(text, f"{len(losers)} answers ended so")
    bye = losers[0].sent("BYE", "in")[0]
    acks = losers[0].sent("ACK", "in")
    if not acks or acks[0].at > bye.at:
        return Promise(text, f"the {losers[0].party} got no ACK before the BYE")
    if not says_elsewhere(_message(bye)):
        return Promise(text, "the BYE lacks one of its two reasons")
    return Promise(text, "", _ms(losers[0].answers(200, "out")[0], bye.at))


def told_nothing_of(seen: Evidence) -> Promise:
    """The busy and the dead address were no business of the caller's, and delayed nothing."""
    text = "Neither the busy nor the dead phone held up the mobile"
    if seen.caller.finals("in") - {200}:
        return Promise(text, f"the caller was told {sorted(seen.caller.finals('in'))}")
    rings = seen.phones([MOBILE])[0].answers(180, "out")
    if not rings:
        return Promise(text, "the mobile did not ring")
    ms = _ms(seen.caller.sent("INVITE", "out")[0], rings[0].at)
    late = "" if ms < AT_ONCE_S * 1000 else "it rang late"
    return Promise(text, late, ms)


def hung_up(seen: Evidence, by: PartyKey) -> Promise:
    """The end of one side ended the other."""
    text = f"The {by} hung up, and the other side ended"
    byes = seen.witnesses[by].sent("BYE", "out")
    others = [seen.caller] if by != CALLER else seen.phones()
    heard = [
        found
        for party in others
        for found in party.sent("BYE", "in")
        if not blames_elsewhere(_message(found))
    ]
    if not byes or len({_message(found).call_id for found in heard}) != 1:
        return Promise(text, "no BYE" if not heard else "more than one was hung up")
    return Promise(text, "", _ms(byes[0], heard[0].at))


def stopped_ringing(seen: Evidence) -> Promise:
    """All phones stopped when the caller gave up."""
    text = "The caller gave up, and all three stopped ringing"
    given_up = seen.caller.sent("CANCEL", "out")
    cancels = [phone.sent("CANCEL", "in") for phone in seen.phones()]
    on = [phone.party for phone, found in zip(seen.phones(), cancels, strict=True) if not found]
    if on or not given_up:
        return Promise(text, f"still ringing: {', '.join(on)}" if on else "he did not give up")
    return Promise(text, "", _ms(given_up[0], max(found[0].at for found in cancels)))


def missed(seen: Evidence) -> Promise:
    """No phone was told that somebody else took the call: each shows a missed call."""
    text = 'Each phone shows a missed call, none "completed elsewhere"'
    for phone in seen.phones():
        cancels = phone.sent("CANCEL", "in")
        if not cancels or any(blames_elsewhere(_message(found)) for found in cancels):
            return Promise(text, f"the {phone.party} shows none")
    return Promise(text)


def terminated(seen: Evidence) -> Promise:
    """The caller's own call ended with 487 (RFC 3261 section 9.2)."""
    text = "The caller's call ended at once"
    ends = seen.caller.answers(487, "in")
    if not ends or seen.caller.finals("in") != {487}:
        return Promise(text, f"its final answers: {sorted(seen.caller.finals('in')) or 'none'}")
    return Promise(text, "", _ms(seen.caller.sent("CANCEL", "out")[0], ends[0].at))


def recorded(seen: Evidence, outcome: str, legs: Sequence[str]) -> Promise:
    """The node's call record tells the same story, leg by leg."""
    text = f"The record says: {outcome}; legs {', '.join(legs)}"
    if seen.record is None:
        return Promise(text, "there is no record")
    outcomes = sorted(leg.outcome for leg in seen.record.legs if leg.role == "callee")
    if seen.record.outcome != outcome or outcomes != sorted(legs):
        return Promise(text, f"it says: {_listed([seen.record.outcome])}; legs {_listed(outcomes)}")
    return Promise(text)


def recorded_legs(seen: Evidence, outcomes: Mapping[str, str]) -> Promise:
    """What the record says of the legs to these kinds of addresses (``extension``, ``tel``)."""
    text = f"The record says: {', '.join(f'{kind} {how}' for kind, how in outcomes.items())}"
    if seen.record is None:
        return Promise(text, "there is no record")
    legs = {leg.address.partition(":")[0]: leg.outcome for leg in seen.record.legs}
    said = {kind: legs.get(kind, "") for kind in outcomes}
    return Promise(text, "" if said == outcomes else f"it says {said}")


def free_again(seen: Evidence) -> Promise:
    """The agent may be called again."""
    text = "Alice is free again"
    return Promise(text, "" if seen.is_over else "the call lives on, or she is still taken")


# --- below: reading the logs ----------------------------------------------------------------------


def _calls(phone: Witness) -> list[Seen]:
    return phone.sent("INVITE", "in")


def _message(seen: Seen) -> Request | Response:
    assert isinstance(seen.message, Request | Response)
    return seen.message


def _stays_connected(phone: Witness) -> bool:
    """Whether its answer was acknowledged and not ended in favour of another phone."""
    if not (phone.answers(200, "out") and phone.sent("ACK", "in")):
        return False
    return not any(blames_elsewhere(_message(bye)) for bye in phone.sent("BYE", "in"))


def _media(seen: Seen) -> list[bytes]:
    """Where the audio of this answer goes."""
    body = _message(seen).body
    return [line for line in body.splitlines() if line[:2] in (b"c=", b"m=")]


def _listed(outcomes: Sequence[str]) -> str:
    return ", ".join(outcomes)


def _ms(first: Seen, last: float) -> float:
    return (last - first.at) * 1000
