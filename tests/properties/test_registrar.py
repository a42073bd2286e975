"""Whatever phones send and in whatever order, the registrar and its facts tell the same story."""

from itertools import count

from hypothesis import given
from hypothesis import strategies as st

from switchroom.sip.events import RegistrationAdded, RegistrationRemoved
from switchroom.sip.message import Request, parse
from switchroom.sip.registrar import AddressOfRecord, Registrar, RegistrarSettings

UTC = 1_700_000_000.0
MOST = 3
HOPS = [("udp", "192.0.2.1", 5060), ("udp", "192.0.2.1", 6060), ("tcp", "192.0.2.2", 40001)]
Fact = RegistrationAdded | RegistrationRemoved


class CountingIds:
    def __init__(self) -> None:
        self._next = count(1)

    def token(self) -> str:
        return f"b{next(self._next)}"


def request(contacts: list[str], call_id: str, cseq: int) -> Request:
    lines = [
        "REGISTER sip:acme.example SIP/2.0",
        "Via: SIP/2.0/UDP 10.0.0.1;branch=z9hG4bKa",
        "From: <sip:1001@acme.example>;tag=a",
        "To: <sip:1001@acme.example>",
        f"Call-ID: {call_id}",
        f"CSeq: {cseq} REGISTER",
        *contacts,
    ]
    message = parse("\r\n".join([*lines, "", ""]).encode())
    assert isinstance(message, Request)
    return message


contact = st.builds(
    lambda user, expires, instance: (
        f"Contact: <sip:{user}@10.0.0.1>"
        + (f";expires={expires}" if expires is not None else "")
        + (f';+sip.instance="<{instance}>"' if instance else "")
    ),
    st.sampled_from("abcde"),
    st.sampled_from([None, 0, 30, 60, 300, 9999]),
    st.sampled_from(["", "", "x", "y"]),
)
contacts = st.one_of(
    st.lists(contact, max_size=4), st.just(["Contact: *", "Expires: 0"]), st.just(["Contact: *"])
)
register = st.tuples(
    st.just("register"),
    contacts,
    st.sampled_from(["one", "two"]),
    st.integers(1, 30),
    st.sampled_from(HOPS),
    st.sampled_from(["1001", "1002"]),
)
step = st.one_of(
    register,
    register,
    st.tuples(st.just("wait"), st.sampled_from([1.0, 20.0, 61.0, 4000.0])),
    st.tuples(st.just("close"), st.sampled_from(HOPS)),
    st.tuples(st.just("ping"), st.booleans()),
)


class Story:
    """Runs steps and keeps what the facts alone say is registered."""

    def __init__(self) -> None:
        self.registrar = Registrar(RegistrarSettings(), CountingIds(), UTC)
        self.now = 100.0
        self.told: dict[str, RegistrationAdded] = {}

    def hear(self, facts: tuple[Fact, ...] | tuple[RegistrationRemoved, ...]) -> None:
        for fact in facts:
            if isinstance(fact, RegistrationAdded):
                assert fact.is_refresh == (fact.binding_id in self.told)
                self.told[fact.binding_id] = fact
            else:
                del self.told[fact.binding_id]

    def take(self, step: tuple[object, ...]) -> None:
        match step:
            case ("register", list(lines), str(call_id), int(cseq), tuple(hop), str(number)):
                aor = AddressOfRecord("acme", number, MOST)
                before = self.living()
                outcome = self.registrar.register(request(lines, call_id, cseq), aor, hop, self.now)
                self.hear(outcome.changes)
                if outcome.status != 200:
                    assert self.living() == before
                    assert outcome.changes == ()
                else:
                    held = self.registrar.contacts("acme", number, self.now, with_unreachable=True)
                    assert len(outcome.lines) == len(held)
            case ("wait", float(seconds)):
                self.now += seconds
                self.hear(self.registrar.tick(self.now).expired)
            case ("close", tuple(hop)) if hop[0] == "tcp":
                self.hear(self.registrar.remove_flow(hop, self.now))
            case ("ping", bool(is_answered)):
                for binding in self.registrar.tick(self.now).pings:
                    report = (
                        self.registrar.ping_answered if is_answered else self.registrar.ping_failed
                    )
                    report(binding.binding_id)

    def living(self) -> dict[str, str]:
        return {b.binding_id: b.uri for b in self.registrar.bindings()}


@given(st.lists(step, max_size=30))
def test_the_facts_alone_rebuild_what_is_registered(steps: list[tuple[object, ...]]) -> None:
    story = Story()
    for one in steps:
        story.take(one)
        assert {i: fact.contact for i, fact in story.told.items()} == story.living()
        for number in ("1001", "1002"):
            found = story.registrar.contacts("acme", number, story.now, with_unreachable=True)
            assert len(found) <= MOST
            assert len({(b.uri, b.instance) for b in found}) == len(found)
    restored = Registrar(RegistrarSettings(), CountingIds(), UTC)
    restored.restore(story.told.values(), story.now)
    still = {b.binding_id for b in story.registrar.bindings() if b.expires_at > story.now}
    assert {b.binding_id for b in restored.bindings()} == still


@given(st.lists(step, max_size=30))
def test_after_the_longest_expiry_nothing_is_left(steps: list[tuple[object, ...]]) -> None:
    story = Story()
    for one in steps:
        story.take(one)
    for _ in range(3):
        story.take(("wait", 4000.0))
    assert story.living() == {}
    assert story.told == {}
    assert story.registrar.deadline() is None
    assert story.registrar._by_flow == {}
