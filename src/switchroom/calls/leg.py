"""The language of legs (moves to foundation; this shim goes away at integration)."""

from switchroom.foundation.leg import *  # noqa: F403
