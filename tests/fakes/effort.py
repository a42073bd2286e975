"""How long random searches run: a little every time, much longer at night."""

import os

FACTOR = int(os.environ.get("SWITCHROOM_SEARCH", "1"))
"How many times the usual number of random cases are tried."


def cases(usual: int) -> int:
    """How many cases to try, with ``usual`` as the number for every day."""
    return usual * FACTOR
