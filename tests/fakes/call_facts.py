"""Facts of whole calls, as tests of the journal and of history need them."""

from collections.abc import Sequence

from switchroom.calls.events import (
    CallConnected,
    CallCreated,
    CallEnded,
    CallFact,
    LegDialled,
    LegFinished,
    LegPickedUp,
    LegRang,
)

CUSTOMER = "customer-1"


def answered_call(
    call_id: str, *, at: float = 1000.0, phones: Sequence[str] = ("desk", "mobile", "home")
) -> list[CallFact]:
    """A call that rings ``phones``; the first one answers after 2 s and talks for 3 s."""
    caller = f"{call_id}-caller"
    legs = [f"{call_id}-{phone}" for phone in phones]
    facts: list[CallFact] = [created(call_id, at=at)]
    facts += [dialled(call_id, leg, at=at + 0.001) for leg in legs]
    facts += [_rang(call_id, leg, at + 0.5) for leg in legs]
    facts.append(
        LegPickedUp(
            at=at + 2, customer_id=CUSTOMER, call_id=call_id, leg_id=legs[0], agent_id="alice"
        )
    )
    facts.append(
        CallConnected(
            at=at + 2,
            customer_id=CUSTOMER,
            call_id=call_id,
            leg_id=legs[0],
            agent_id="alice",
            waited_s=2.0,
        )
    )
    facts += [_finished(call_id, leg, at + 2.1, "elsewhere", 487) for leg in legs[1:]]
    facts += [_finished(call_id, leg, at + 5, "answered", 200) for leg in (caller, legs[0])]
    facts.append(ended(call_id, at=at + 5, by="caller", talked_s=3.0))
    return facts


def created(call_id: str, *, at: float = 1000.0) -> CallCreated:
    return CallCreated(
        at=at,
        customer_id=CUSTOMER,
        client_id="zeta",
        call_id=call_id,
        leg_id=f"{call_id}-caller",
        direction="in",
        caller="+12025550123",
        called="+12025550100",
        origin="trunk",
        origin_id="trunk-1",
        origin_name="carrier",
        source="udp:192.0.2.7:5060",
        sip_call_id=f"{call_id}-caller@192.0.2.7",
    )


def dialled(call_id: str, leg_id: str, *, at: float = 1000.0) -> LegDialled:
    return LegDialled(
        at=at,
        customer_id=CUSTOMER,
        client_id="zeta",
        call_id=call_id,
        leg_id=leg_id,
        agent_id="alice",
        address="extension:1001",
        contact="sip:1001@192.0.2.9:5060",
    )


def ended(
    call_id: str,
    *,
    at: float = 1005.0,
    by: str = "caller",
    status: int = 200,
    q850: int = 16,
    talked_s: float = 0.0,
) -> CallEnded:
    assert by in ("caller", "callee", "system")
    return CallEnded(
        at=at,
        customer_id=CUSTOMER,
        client_id="zeta",
        call_id=call_id,
        status=status,
        q850=q850,
        by=by,  # type: ignore[arg-type]
        talked_s=talked_s,
    )


def _rang(call_id: str, leg_id: str, at: float) -> LegRang:
    return LegRang(at=at, customer_id=CUSTOMER, call_id=call_id, leg_id=leg_id, agent_id="alice")


def _finished(call_id: str, leg_id: str, at: float, outcome: str, status: int) -> LegFinished:
    return LegFinished(
        at=at,
        customer_id=CUSTOMER,
        call_id=call_id,
        leg_id=leg_id,
        outcome=outcome,  # type: ignore[arg-type]
        status=status,
        q850=16 if status == 200 else 26,
    )
