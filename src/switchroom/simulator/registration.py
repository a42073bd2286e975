"""The REGISTER client of a phone: digest, refresh, 423, unregister (RFC 3261 section 10.2)."""

from typing import Literal

from msgspec import Struct

from switchroom.foundation.ids import Ids
from switchroom.foundation.leg import Hop
from switchroom.sip.dialog.challenge import credentials_line
from switchroom.sip.message import Response
from switchroom.sip.outside import Outside, OutsideRequest

RETRY_S = 30.0
"Wait after a refusal or no answer before the next try."
MOST_TRIES = 3
"REGISTERs of one round: the first, with credentials, once more for a stale nonce or 423."

State = Literal["none", "asking", "registered", "failed", "removed"]


class Subscriber(Struct, frozen=True):
    """Who registers where. ``contact`` is the URI at which the phone wants its calls."""

    user: str
    domain: str
    password: str
    server: Hop
    contact: str
    expires_s: int = 300


class Registration:
    """Keeps one contact registered. All times in monotonic seconds."""

    def __init__(self, subscriber: Subscriber, outside: Outside, ids: Ids) -> None:
        self.state: State = "none"
        self.status = 0
        "Of the last final response; 0 if none came."
        self.reason = ""
        self.deadline: float | None = None
        "When to call ``tick``: for a refresh or another try."
        self._who = subscriber
        self._outside = outside
        self._ids = ids
        self._call_id = ids.token()
        self._token = ids.token()
        self._cseq = 0
        self._tries = 0
        self._expires_s = subscriber.expires_s
        self._wanted_s = 0

    def register(self, now: float) -> None:
        """Register, or register again."""
        self._wanted_s = self._expires_s
        self._begin(now)

    def unregister(self, now: float) -> None:
        """Take the contact back."""
        self._wanted_s = 0
        self._begin(now)

    def stop(self) -> None:
        """Say no more; the binding expires by itself."""
        self.deadline = None
        self._token = ""

    def tick(self, now: float) -> None:
        if self.deadline is not None and now >= self.deadline:
            self.register(now)

    def answered(self, token: str, response: Response | None, now: float) -> bool:
        """Take an answer, ``None`` for none; true if it has settled what was asked."""
        if token != self._token:
            return False
        self.status = response.status if response is not None else 0
        self.reason = response.reason if response is not None else "No answer"
        if response is not None and self._goes_on(response, now):
            return False
        self._settle(response, now)
        return True

    def _begin(self, now: float) -> None:
        self.deadline = None
        self._tries = 0
        if self.state != "registered":
            self.state = "asking"
        self._ask(now)

    def _ask(self, now: float, authorization: str = "") -> None:
        who = self._who
        self._tries += 1
        self._cseq += 1
        self._token = self._ids.token()
        address = f"<sip:{who.user}@{who.domain}>"
        lines = [f"Contact: <{who.contact}>", f"Expires: {self._wanted_s}"]
        if authorization:
            lines.append(authorization)
        self._outside.ask(
            OutsideRequest(
                "REGISTER",
                f"sip:{who.domain}",
                who.server,
                address,
                address,
                self._token,
                call_id=self._call_id,
                cseq=self._cseq,
                lines=tuple(lines),
            ),
            now,
        )

    def _goes_on(self, response: Response, now: float) -> bool:
        """Ask again if the answer says how."""
        who = self._who
        if self._tries >= MOST_TRIES:
            return False
        if response.status in (401, 407) and who.password:
            account = (who.user, who.password)
            if self._tries > 1 and "stale=true" not in _challenge(response):
                return False
            uri = f"sip:{who.domain}"
            line = credentials_line(response, "REGISTER", uri, account, self._ids.token())
            if line:
                self._ask(now, line)
            return bool(line)
        least = response.get("min-expires") or ""
        if response.status == 423 and least.isascii() and least.isdigit() and len(least) < 7:
            self._expires_s = self._wanted_s = int(least)
            self._ask(now)
            return True
        return False

    def _settle(self, response: Response | None, now: float) -> None:
        if response is None or response.status >= 300:
            self.state = "failed"
            self.deadline = now + RETRY_S
        elif self._wanted_s == 0:
            self.state = "removed"
        else:
            self.state = "registered"
            self.deadline = now + self._granted_s(response) / 2

    def _granted_s(self, response: Response) -> int:
        for contact in response.contacts():
            text = contact.params.get("expires", "")
            if contact.uri == self._who.contact and text.isascii() and text.isdigit():
                return min(int(text[:7]), 86_400)
        return self._wanted_s


def _challenge(response: Response) -> str:
    values = response.raw("www-authenticate") + response.raw("proxy-authenticate")
    return " ".join(values).lower().replace('"', "")
