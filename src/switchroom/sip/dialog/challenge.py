"""Answering a carrier's challenge (RFC 3261 section 22, RFC 7616)."""

from switchroom.sip.digest import Login, answer, choose
from switchroom.sip.message import Response


def credentials_line(
    response: Response, method: str, uri: str, account: tuple[str, str], cnonce: str
) -> str:
    """The header line that answers a 401 or 407; empty if no challenge can be met."""
    proxy = response.status == 407
    challenges = response.raw("proxy-authenticate" if proxy else "www-authenticate")
    challenge = choose(challenges[:8])
    if challenge is None:
        return ""
    value = answer(challenge, method, uri, Login(*account), cnonce)
    if value is None:
        return ""
    return f"{'Proxy-Authorization' if proxy else 'Authorization'}: {value}"
