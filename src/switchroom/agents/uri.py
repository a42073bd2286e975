"""User part and host of the addresses that people and phones write."""

from urllib.parse import unquote


def user_and_host(uri: str) -> tuple[str, str]:
    """User part, unescaped, and host of a SIP or tel URI; empty for what is not there."""
    scheme, _, rest = uri.strip().partition(":")
    rest = rest.partition(";")[0].partition("?")[0]
    if scheme.lower() == "tel":
        return rest, ""
    user, at, host = rest.rpartition("@")
    ipv6, bracket, _ = host.partition("]")
    host = ipv6 + bracket if bracket else host.partition(":")[0]
    return (unquote(user.partition(":")[0]) if at else ""), host.lower()
