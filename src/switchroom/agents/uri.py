"""User part and host of the addresses that people and phones write."""

from urllib.parse import unquote


def user_and_place(uri: str) -> tuple[str, str, str]:
    """User part, unescaped, host and port of a SIP or tel URI; empty for what is not there."""
    scheme, _, rest = uri.strip().partition(":")
    rest = rest.partition(";")[0].partition("?")[0]
    if scheme.lower() == "tel":
        return rest, "", ""
    user, at, host = rest.rpartition("@")
    ipv6, bracket, after = host.partition("]")
    host, _, port = (ipv6 + bracket, "", after[1:]) if bracket else host.partition(":")
    return (unquote(user.partition(":")[0]) if at else ""), host.lower(), port
