"""Session descriptions of a simulated phone: one audio stream that nobody sends."""

from switchroom.sdp import Direction, direction

_ANSWER: dict[Direction, Direction] = {
    "sendrecv": "sendrecv",
    "sendonly": "recvonly",
    "recvonly": "sendonly",
    "inactive": "inactive",
}
"RFC 3264 section 6.1."


def session(address: str, port: int, version: int, way: Direction = "sendrecv") -> bytes:
    """A description with G.711 at ``address``."""
    lines = (
        "v=0",
        f"o=phone {port} {version} IN IP4 {address}",
        "s=-",
        f"c=IN IP4 {address}",
        "t=0 0",
        f"m=audio {port} RTP/AVP 0 8",
        "a=rtpmap:0 PCMU/8000",
        "a=rtpmap:8 PCMA/8000",
        f"a={way}",
    )
    return "".join(f"{line}\r\n" for line in lines).encode()


def answering_direction(offer: bytes) -> Direction:
    """Which way media flows in the answer to ``offer``."""
    return _ANSWER[direction(offer)]
