"""What can be set about the SIP side of a node."""

from msgspec import Struct

from switchroom.sip.digest import Algorithm
from switchroom.sip.transaction.timers import Timers


class SipSettings(Struct, frozen=True):
    timers: Timers = Timers()
    digest_algorithms: tuple[Algorithm, ...] = ("MD5",)
    "Offered in this order; several challenges in one 401 confuse old phones."
    nonce_lifetime_s: float = 300.0
    limit_transactions: int = 200_000
    limit_legs: int = 50_000
    user_agent: str = "Switchroom"
    retry_after_s: int = 5
    "Told to callers that are turned away under overload."
