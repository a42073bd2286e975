"""How much of a hostile message is looked at before it is refused."""

from typing import Final

MESSAGE_BYTES: Final = 65535
"The largest message taken, head and body together: the most that a datagram can carry."
HEADER_LINES: Final = 256
"Header lines in a message; 70 Via lines (a full Max-Forwards) leave room for much else."
PARAMETERS: Final = 64
"Parameters in one value."
CSEQ: Final = 2**31 - 1
"The largest sequence number (RFC 3261 §8.1.1.5)."
