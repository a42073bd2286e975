"""The collector of cycles (``gc``) waits while much is made that has no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

MOST_YOUNG = 1_000_000
"Objects made and not yet looked at; a configuration of 5000 agents makes 70 000 at a time."

_lock = Lock()
_waiting_for = 0


@contextmanager
def collector_waits() -> Iterator[None]:
    """While the block runs, in any thread, nothing looks for cycles, for which calls would wait.

    For work on whole configurations: tens of thousands of rows, each of which the collector would
    look at several times before they are gone again. If such work never pauses, it waits no longer
    than for ``MOST_YOUNG`` objects.
    """
    global _waiting_for
    with _lock:
        _waiting_for += 1
        if gc.get_count()[0] < MOST_YOUNG:
            gc.disable()
        else:
            gc.enable()
    try:
        yield
    finally:
        with _lock:
            _waiting_for -= 1
            if not _waiting_for:
                gc.enable()
