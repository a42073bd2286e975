"""What makes a well-formed request unusable for us (RFC 3261 section 8.2)."""

from switchroom.sip.message import Request

_SESSIONS = ("application/sdp", "application/*", "*/*")


def problem_of(request: Request) -> str:
    """Which field of a request outside a dialog makes no sense, for a 400; empty if all do."""
    if not request.via.transport:
        return "Bad Via"
    if not request.from_.uri:
        return "Bad From"
    if not request.to.uri:
        return "Bad To"
    if request.method == "REGISTER" and not request.to.uri.lower().startswith(("sip:", "sips:")):
        return "Bad To"  # section 10.3
    if request.method in ("INVITE", "REGISTER") and not all(
        contact.uri for contact in request.contacts()
    ):
        return "Bad Contact"
    return ""


def refusal_of_body(request: Request) -> int:
    """The status to refuse an INVITE with; 0 if it has no body or a plain session description.

    415 for other bodies (section 8.2.3), 406 if the caller could not read our answer (20.1).
    """
    kind = (request.get("content-type") or "application/sdp").lower()
    encoding = (request.get("content-encoding") or "identity").lower()
    if request.body and (not kind.startswith("application/sdp") or encoding != "identity"):
        return 415
    accepted = request.raw("accept")
    return 406 if accepted and not _accepts_session(",".join(accepted)) else 0


def _accepts_session(accept: str) -> bool:
    return any(kind.partition(";")[0].strip().lower() in _SESSIONS for kind in accept.split(","))
