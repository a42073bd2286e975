"""Scenarios for SIPp, put together from steps; one function makes one step.

A caller sends from its own dialog; a callee answers with what it received last. SIPp replaces
``[words]`` in brackets; ``[node]`` is the node's address and ``[service]`` the number called.
"""

from collections.abc import Sequence

SDP_LINES = (
    "v=0",
    "o=peer 7 {version} IN IP4 [local_ip]",
    "s=-",
    "c=IN IP4 [local_ip]",
    "t=0 0",
    "m=audio {port} RTP/AVP 0",
    "a=rtpmap:0 PCMU/8000",
    "a={direction}",
)
Lines = Sequence[str]


def sdp(port: int = 40000, direction: str = "sendrecv", version: int = 1) -> str:
    """A session with one audio stream."""
    text = "\n".join(SDP_LINES)
    return text.format(port=port, direction=direction, version=version)


def scenario(*steps: str) -> str:
    """The file that SIPp reads."""
    body = "\n".join(steps)
    head = '<?xml version="1.0" encoding="us-ascii"?>\n<!DOCTYPE scenario SYSTEM "sipp.dtd">\n'
    return f'{head}<scenario name="switchroom">\n{body}\n</scenario>\n'


# --- what both sides do -------------------------------------------------------------------------


def receive(method: str, *, keep: bool = False, limit_ms: int = 20_000) -> str:
    """Expect a request. ``keep``: remember its headers for messages that come later."""
    names = (("Via", "via"), ("From", "from"), ("To", "to"), ("CSeq", "cseq"))
    kept = "".join(
        f'<ereg regexp=".*" search_in="hdr" header="{header}:" assign_to="{name}"/>'
        for header, name in names
    )
    used = f'<action>{kept}<log message="[$via][$cseq][$from][$to]"/></action>' if keep else ""
    return f'<recv request="{method}" timeout="{limit_ms}">{used}</recv>'


def told(limit_ms: int = 25_000) -> str:
    """Wait until the test says go (``Sipp.tell``)."""
    return receive("INFO", limit_ms=limit_ms)


def expect(status: int, *, optional: bool = False, limit_ms: int = 20_000) -> str:
    """Expect a response."""
    if optional:
        return f'<recv response="{status}" optional="true"/>'
    return f'<recv response="{status}" rtd="true" timeout="{limit_ms}"/>'


def pause(milliseconds: int) -> str:
    return f'<pause milliseconds="{milliseconds}"/>'


def reply(
    status: int,
    reason: str,
    *,
    tag: str = "",
    body: str = "",
    more: Lines = (),
    kept: bool = False,
    lost: bool = False,
    again_ms: int = 0,
) -> str:
    """Answer the last request, or with ``kept`` the one remembered.

    ``tag``: To tag to add. ``lost``: the network drops it. ``again_ms``: sent again until the
    expected answer to it comes.
    """
    added = f";tag={tag}[call_number]" if tag else ""
    if kept:
        head = ["Via:[$via]", "From:[$from]", f"To:[$to]{added}", "CSeq:[$cseq]"]
    else:
        head = ["[last_Via:]", "[last_From:]", f"[last_To:]{added}", "[last_CSeq:]"]
    lines = [f"SIP/2.0 {status} {reason}", *head, "Call-ID: [call_id]"]
    lines += ["Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>", *more]
    attributes = ' lost="100"' if lost else ""
    if again_ms:
        attributes += f' retrans="{again_ms}"'
    return _send(lines, body, attributes)


def _send(lines: Lines, body: str, attributes: str = "") -> str:
    kind = ["Content-Type: application/sdp"] if body else []
    text = "\n".join([*lines, *kind, "Content-Length: [len]", "", body])
    return f"<send{attributes}><![CDATA[\n{text}\n]]></send>"


# --- a caller -----------------------------------------------------------------------------------


_VIA = "Via: SIP/2.0/[transport] [local_ip]:[local_port];rport;branch=[branch]"


def _via_of_invite(cseq: int) -> str:
    """Known by heart: CANCEL, and the ACK of a failure, name the same transaction."""
    return f"{_VIA.partition('[branch]')[0]}z9hG4bK[pid]-[call_number]-{cseq}"


def call(method: str, cseq: int = 1, *, body: str = "", more: Lines = (), hops: int = 70) -> str:
    """A request of the caller; inside the dialog once it has a tag of the node."""
    fresh = _via_of_invite(cseq) if method == "INVITE" else _VIA
    inside = cseq > 1 or method in ("ACK", "BYE")
    target = "sip:switchroom@[node]" if inside else "sip:[service]@[node]"
    lines = [
        f"{method} {target} SIP/2.0",
        fresh,
        "From: <sip:+12025550199@[local_ip]:[local_port]>;tag=caller[call_number]",
        "To: <sip:[service]@[node]>[peer_tag_param]",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:caller@[local_ip]:[local_port];transport=[transport]>",
        f"Max-Forwards: {hops}",
        *more,
    ]
    return _send(lines, body, ' retrans="500"' if method in ("INVITE", "BYE") else "")


def invite(body: str | None = None, more: Lines = ()) -> str:
    """The first request of a call, with an offer unless ``body`` is empty."""
    return call("INVITE", body=sdp() if body is None else body, more=more)


def progress() -> str:
    """Provisional responses, as many as come."""
    return "\n".join(expect(status, optional=True) for status in (100, 180, 183))


def refused(status: int, cseq: int = 1) -> str:
    """Expect a failure of the INVITE and acknowledge it (in the same transaction)."""
    lines = [
        "ACK sip:[service]@[node] SIP/2.0",
        _via_of_invite(cseq),
        "[last_From:]",
        "[last_To:]",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} ACK",
        "Max-Forwards: 70",
    ]
    return expect(status) + _send(lines, "")


def cancel() -> str:
    """Give up."""
    lines = [
        "CANCEL sip:[service]@[node] SIP/2.0",
        _via_of_invite(1),
        "From: <sip:+12025550199@[local_ip]:[local_port]>;tag=caller[call_number]",
        "To: <sip:[service]@[node]>",
        "Call-ID: [call_id]",
        "CSeq: 1 CANCEL",
        "Max-Forwards: 70",
    ]
    return _send(lines, "")


def answered_call(body: str | None = None) -> str:
    """Call, and acknowledge the answer."""
    return "\n".join((invite(body), progress(), expect(200), call("ACK")))


def call_hangs_up(cseq: int = 2) -> str:
    return call("BYE", cseq) + expect(200)


# --- a callee -----------------------------------------------------------------------------------


def rings() -> str:
    """Take the INVITE and ring."""
    return receive("INVITE", keep=True) + reply(180, "Ringing", tag="callee")


def answers(body: str | None = None) -> str:
    """Pick up and wait for the ACK."""
    session = sdp(41000) if body is None else body
    return reply(200, "OK", tag="callee", body=session, kept=True, again_ms=500) + receive("ACK")


def is_hung_up() -> str:
    return receive("BYE") + reply(200, "OK")


def is_cancelled() -> str:
    """The CANCEL, as a phone takes it."""
    end = reply(487, "Request Terminated", tag="callee", kept=True)
    return receive("CANCEL") + reply(200, "OK", tag="callee") + end + receive("ACK")


def asks(method: str, cseq: int = 1, *, body: str = "") -> str:
    """A request of the callee inside the dialog."""
    lines = [
        f"{method} sip:switchroom@[node] SIP/2.0",
        _via_of_invite(cseq) if method == "INVITE" else _VIA,
        "From:[$to];tag=callee[call_number]",
        "To:[$from]",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} {method}",
        "Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>",
        "Max-Forwards: 70",
    ]
    return _send(lines, body, ' retrans="500"' if method in ("INVITE", "BYE") else "")


def asks_refused(status: int, cseq: int = 1) -> str:
    """Expect a failure of its own INVITE and acknowledge it."""
    lines = [
        "ACK sip:switchroom@[node] SIP/2.0",
        _via_of_invite(cseq),
        "[last_From:]",
        "[last_To:]",
        "Call-ID: [call_id]",
        f"CSeq: {cseq} ACK",
        "Max-Forwards: 70",
    ]
    return expect(status) + _send(lines, "")


def hangs_up(cseq: int = 1) -> str:
    return asks("BYE", cseq) + expect(200)
