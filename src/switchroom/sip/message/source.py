"""Noting in the top Via where a request really came from (RFC 3261 §18.2.1, RFC 3581)."""

from switchroom.sip.message.grammar import LWS, split_list, split_parameters
from switchroom.sip.message.message import Request
from switchroom.sip.message.via import parse_via


def stamp_source(request: Request, host: str, port: int) -> None:
    """Write the source into the top Via, so that responses find their way through NAT.

    ``received`` is added if sent-by differs from ``host`` or the client asks by ``rport``, and
    ``rport`` is filled if asked. What the client itself wrote there is overwritten. An unreadable
    Via stays as it is. ``host`` is numeric, IPv6 without brackets. Repeating it changes nothing.
    """
    if request.received_from == (host, port):
        return
    request.received_from = (host, port)
    line = request.first.get("via", "")
    lower = line.lower()
    if '"' in line or "," in line or "received" in lower or "rport=" in lower or "[" in line:
        _stamp_slowly(request, line, host, port)
        return
    if "rport" in lower:
        before, asked, after = line.partition(";rport")
        if not asked or after[:1] not in (";", ""):
            _stamp_slowly(request, line, host, port)
            return
        request.restamp(f"{before};rport={port};received={host}{after}")
    elif line.partition(";")[0].rpartition(" ")[2].partition(":")[0] != host:
        _stamp_slowly(request, line, host, port)


def _stamp_slowly(request: Request, line: str, host: str, port: int) -> None:
    members = split_list(line)
    via = parse_via(members[0]) if members else None
    if via is None:
        return
    sent, *written = split_parameters(members[0])
    # The others stay as they are: a branch that came back changed would match nothing.
    words = [sent, *(word for word in written if not _is_ours(word))]
    if "rport" in via.params:
        words.append(f"rport={port}")
    if via.host != host or "rport" in via.params:
        words.append(f"received={host}")
    members[0] = ";".join(words)
    request.restamp(", ".join(members))


def _is_ours(parameter: str) -> bool:
    return parameter.partition("=")[0].strip(LWS).lower() in ("rport", "received")
