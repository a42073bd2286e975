"""What ``switchroom phone`` tells as it happens, and when its task is done."""

import asyncio

import msgspec
import typer

from switchroom.cli.node import visible
from switchroom.drivers.clock import Clock
from switchroom.simulator.call import Happening
from switchroom.simulator.phone import Phone

AS_ASKED = 0
NOT_ANSWERED = 1
NOT_REGISTERED = 3


class Story:
    """Follows one phone from its registration to the end of its task."""

    def __init__(
        self,
        *,
        call: str,
        talk_s: float | None,
        ring_s: float | None,
        once: bool,
        rejects: bool,
        as_json: bool,
    ) -> None:
        self.status = AS_ASKED
        "What the program exits with."
        self.done = asyncio.Event()
        self._call = call
        self._talk_s = talk_s
        self._ring_s = ring_s
        self._once = once
        self._rejects = rejects
        self._as_json = as_json
        self._has_registered = False
        self._answered: set[str] = set()
        self._began_at = Clock().monotonic()

    def begin(self, phone: Phone) -> None:
        """Follow ``phone``."""
        self._phone = phone
        phone.watch = self._happened

    def call_out(self) -> None:
        """Make the call that was asked for."""
        made = self._phone.call(self._call, talk_s=self._talk_s)
        if self._ring_s is not None:
            self._phone.give_up_after(made, self._ring_s)

    def stop(self) -> None:
        """The user or a time limit ends it; whoever waits for one call has not got it."""
        if not self.done.is_set():
            waits = self._once or bool(self._call)
            self._end(NOT_ANSWERED if waits and not self._answered else AS_ASKED)

    def _happened(self, happening: Happening) -> None:
        self._say(happening)
        match happening.name:
            case "registered" if not self._has_registered:
                self._has_registered = True
                if self._call:
                    self.call_out()
            case "not_registered" if not self._has_registered:
                self._end(NOT_REGISTERED)
            case "answered":
                self._answered.add(happening.leg_id)
            case "ended":
                self._ended(happening)

    def _ended(self, happening: Happening) -> None:
        if not (self._once or self._call):
            self._answered.discard(happening.leg_id)
            return
        as_asked = happening.leg_id in self._answered
        if self._rejects and not self._call:
            as_asked = happening.by == "us"
        self._end(AS_ASKED if as_asked else NOT_ANSWERED)

    def _end(self, status: int) -> None:
        if not self.done.is_set():
            self.status = status
            self.done.set()

    def _say(self, happening: Happening) -> None:
        after_ms = (happening.at - self._began_at) * 1000
        if self._as_json:
            typer.echo(msgspec.json.encode(_row(happening, after_ms)).decode())
        else:
            typer.echo(visible(f"{after_ms:10.1f} ms  {_sentence(happening)}"))


def _row(happening: Happening, after_ms: float) -> dict[str, object]:
    cause = happening.cause
    return {
        "event": happening.name,
        "ms": round(after_ms, 1),
        "party": happening.party,
        "leg_id": happening.leg_id,
        "status": cause.status,
        "q850": cause.q850,
        "text": cause.text,
        "by": happening.by,
        "after_ms": round(happening.after_s * 1000, 1),
    }


def _sentence(happening: Happening) -> str:
    party = happening.party
    cause = happening.cause
    why = " ".join(
        word
        for word in (
            str(cause.status) if cause.status else "",
            cause.text,
            f"(Q.850 {cause.q850})" if cause.q850 else "",
        )
        if word
    )
    after = f"after {happening.after_s * 1000:.1f} ms"
    match happening.name:
        case "registered":
            return f"registered as {party}"
        case "unregistered":
            return f"no longer registered as {party}"
        case "not_registered":
            return f"cannot register as {party}: {why}"
        case "calling":
            return f"calling {party}"
        case "called":
            return f"call from {party}"
        case "ringing":
            return f"{party} rings {after}"
        case "answered":
            return f"connected with {party} {after}"
        case "ended":
            by = f" by {happening.by}" if happening.by else ""
            return f"call with {party} ended{by} {after}{': ' if why else ''}{why}"
