"""Facts with the number they got when they were written down: the order everybody sees them in."""

from msgspec import Struct


class NumberedFact(Struct, frozen=True):
    """One stored fact; numbers only grow and are never used twice."""

    seq: int
    customer_id: str
    at: float
    "Unix time in seconds."
    name: str
    call_id: str
    "Empty for facts that are not about a call."
    body: str
    "The whole fact as JSON."
    agent_ids: str = ""
    "Agents whose fact it is, in brackets of spaces; of a call, all that it has touched so far."
    number: int = 0
    "Its place in the sequence of its customer, which has no holes; 1 is the first."
