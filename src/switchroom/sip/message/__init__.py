"""The SIP codec: bytes to messages and back (RFC 3261 §7, §18, §20, §25)."""

from switchroom.sip.message.address import (
    NameAddress,
    format_address,
    format_name_address,
    parse_name_address,
)
from switchroom.sip.message.framer import KEEP_ALIVE, Frame, Framer, FramingError, KeepAlive
from switchroom.sip.message.message import Malformed, Message, Request, Response
from switchroom.sip.message.parse import parse
from switchroom.sip.message.reasons import REASONS
from switchroom.sip.message.source import stamp_source
from switchroom.sip.message.uri import SipUri, escape_user, format_uri, parse_uri, unescape
from switchroom.sip.message.via import Via, format_via, parse_via
from switchroom.sip.message.write import write_request, write_response

__all__ = [
    "KEEP_ALIVE",
    "REASONS",
    "Frame",
    "Framer",
    "FramingError",
    "KeepAlive",
    "Malformed",
    "Message",
    "NameAddress",
    "Request",
    "Response",
    "SipUri",
    "Via",
    "escape_user",
    "format_address",
    "format_name_address",
    "format_uri",
    "format_via",
    "parse",
    "parse_name_address",
    "parse_uri",
    "parse_via",
    "stamp_source",
    "unescape",
    "write_request",
    "write_response",
]
