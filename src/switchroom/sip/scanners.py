"""Programs that look for weak SIP servers, known by what they call themselves."""

import re
from typing import Final

_SCANNER: Final = re.compile(
    r"\b(?:friendly-scanner|friendly-request|sipvicious|sip-?scan|sundayddr|pplsip"
    r"|(?:sipcli|iwar|sivus|smap)\b)",  # short ones as whole words: Vax-SIPClient is a phone
    re.IGNORECASE | re.ASCII,
)
"Where a word of a User-Agent header begins. They lie less often than one would think."


def is_scanner(user_agent: str) -> bool:
    """Whether a User-Agent (or From display name) is one of a known scanner."""
    return _SCANNER.search(user_agent) is not None
