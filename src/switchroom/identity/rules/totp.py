"""The second factor: six figures that change every 30 seconds (RFC 6238), and recovery codes."""

from base64 import b32encode
from collections.abc import Sequence
from hashlib import sha256
from hmac import compare_digest

from pyotp import TOTP

from switchroom.foundation.events import UtcSeconds

SECRET_BYTES = 20
"160 bits, as RFC 4226 section 4 asks."
STEP_S = 30
DRIFT_STEPS = 1
"How far a phone's clock may be off, in steps."
RECOVERY_CODES = 10
RECOVERY_BYTES = 10
"80 bits each: too many to guess, few enough to copy from paper."
MFA_FRESH_S = 900.0
"For so long after the second factor the most sensitive things may be done (rule E11)."


def secret_from(random: bytes) -> str:
    """A new secret for an authenticator, Base32."""
    return b32encode(random).decode()


def address_of(secret: str, username: str, issuer: str) -> str:
    """The ``otpauth:`` address that authenticators scan as a picture."""
    return TOTP(secret).provisioning_uri(name=username, issuer_name=issuer)


def step_of(secret: str, code: str, now: UtcSeconds, last_step: int) -> int | None:
    """The time step whose code this is; ``None``: of none near now, or it was taken before.

    Args:
        secret: Base32.
        code: What somebody typed; blanks do not matter.
        now: Unix time in seconds.
        last_step: The step of the last code that was taken; it and those before count no more.
    """
    typed = code.replace(" ", "")
    if len(typed) != 6 or not (typed.isascii() and typed.isdigit()):
        return None
    current = int(now // STEP_S)
    found = None
    for step in range(current - DRIFT_STEPS, current + DRIFT_STEPS + 1):
        is_right = compare_digest(TOTP(secret).generate_otp(max(step, 0)), typed)
        if is_right and step > last_step:
            found = step
    return found


def recovery_codes(random: bytes) -> tuple[str, ...]:
    """New recovery codes, ``ABCD-EFGH-…``, from 100 random bytes.

    Raises:
        ValueError: Too few bytes.
    """
    if len(random) != RECOVERY_BYTES * RECOVERY_CODES:
        raise ValueError(f"{RECOVERY_BYTES * RECOVERY_CODES} random bytes are needed")
    return tuple(
        _grouped(b32encode(random[start : start + RECOVERY_BYTES]).decode())
        for start in range(0, len(random), RECOVERY_BYTES)
    )


def recovery_hash(code: str) -> str:
    """What is stored of a recovery code; how it was typed does not matter."""
    return sha256(_plain(code).encode("utf-8", "replace")).hexdigest()


def without(hashes: Sequence[str], code: str) -> tuple[str, ...] | None:
    """The codes that are left once this one was used; ``None``: it is none of them."""
    if len(code) > 64:
        return None
    used = recovery_hash(code)
    left = tuple(one for one in hashes if not compare_digest(one, used))
    return left if len(left) < len(hashes) else None


def _grouped(text: str) -> str:
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))


def _plain(code: str) -> str:
    return code.upper().replace("-", "").replace(" ", "")
