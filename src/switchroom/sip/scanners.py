"""Programs that look for weak SIP servers, known by what they call themselves."""

SCANNERS = (
    "friendly-scanner",
    "friendly-request",
    "sipvicious",
    "sipcli",
    "sip-scan",
    "sipscan",
    "sundayddr",
    "pplsip",
    "iwar",
    "sivus",
    "smap",
)
"Parts of User-Agent headers, lower case. They lie less often than one would think."


def is_scanner(user_agent: str) -> bool:
    """Whether a User-Agent (or From display name) is one of a known scanner."""
    text = user_agent.lower()
    return any(name in text for name in SCANNERS)
